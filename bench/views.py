"""Figures of one view of an evaluation: ours under the prefix, each baseline's under its name."""

from __future__ import annotations

from collections.abc import Iterable

from bench.figures import Figure, measured
from training.evaluation import View

UNITS = {
    "hit_at_1": "share",
    "hit_at_3": "share",
    "ndcg_at_5": "",
    "log_loss": "nats",
    "calibration_error": "share",
}


def figures_of(prefix: str, view: View) -> Iterable[Figure]:
    """`<prefix>.<metric>` for the scorer on trial, `<prefix>.<scorer>.<metric>` for the others."""
    for scorer, metrics in view.metrics.items():
        numbers = metrics.numbers()
        name = prefix if scorer == view.trial else f"{prefix}.{scorer}"
        for metric, unit in UNITS.items():
            yield measured(f"{name}.{metric}", numbers[metric], unit)
