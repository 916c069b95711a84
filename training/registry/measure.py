"""What the gate measures of one model on its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from training.evaluation import metrics
from training.evaluation.metrics import Floats, Ints
from training.evaluation.reliability import (
    TOP_BINS,
    calibration_error,
    equal_mass_bins,
    top_promises,
)
from training.evaluation.view import SLOTS
from training.snapshots import Snapshots


@dataclass(frozen=True, eq=False)
class Measured:
    """Per row nDCG@5 and log loss, (n,) each; over all rows calibration error and coverage@3.

    The calibration error is what lies beyond chance: a few hundred rows of perfect propensities
    show several points of error, and windows of different lengths must be judged alike.
    """

    ndcg: Floats
    log_loss: Floats
    calibration_error: float
    coverage: float

    @classmethod
    def of(cls, propensities: Floats, rows: Snapshots) -> Self:
        rank = metrics.ranks(propensities, rows.target, rows.held)
        return cls(
            ndcg=metrics.ndcg(rank, 5),
            log_loss=metrics.log_loss(propensities, rows.target),
            calibration_error=beyond_chance(propensities, rows.target),
            coverage=metrics.coverage(propensities, rows.held, SLOTS),
        )

    def means(self) -> dict[str, float]:
        """The four figures by name."""
        return {
            "nDCG@5": float(np.mean(self.ndcg)),
            "log loss": float(np.mean(self.log_loss)),
            "calibration error": self.calibration_error,
            "coverage@3": self.coverage,
        }


def beyond_chance(propensities: Floats, target: Ints) -> float:
    """The calibration error less what it would be on average if every promise were true.

    A bin's gap is then about normal, so its absolute mean is sqrt(2 / pi) standard deviations.

    Half of a hundred coins promised as .5 are heads; all promised as .9 are not:

    >>> heads = np.tile([0, 1], 50).astype(np.int32)
    >>> beyond_chance(np.full((100, 2), 0.5), heads)
    0.0
    >>> round(beyond_chance(np.tile([0.9, 0.1], (100, 1)), heads), 2)
    0.38
    """
    promised, _ = top_promises(propensities, target)
    bins = equal_mass_bins(promised, TOP_BINS)
    variance = np.bincount(bins, weights=promised * (1 - promised))
    chance = np.sqrt(2 * variance / np.pi).sum() / len(target)
    return float(max(calibration_error(propensities, target) - chance, 0.0))
