"""The population stability index: how far a distribution has moved from what it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from training.evaluation.metrics import Floats

PRIOR = 0.5
"""Added to every count, so that a value that was never seen costs much, and not infinitely much."""


def stability_index(before: Mapping[str, int], after: Mapping[str, int]) -> float:
    """Sum over values of (q - p) * ln(q / p), less what chance alone would give on average.

    `before` and `after` count rows by value. By custom 0.1 is a shift worth a look and 0.25 a large
    one. Chance gives about (values - 1) * (1 / n + 1 / m); without taking that off, features with
    many values and few rows would always seem to drift.
    Source: Yurdakul, "Statistical properties of population stability index", 2018.

    >>> stability_index({"no": 500, "yes": 500}, {"no": 500, "yes": 500})
    0.0
    >>> round(stability_index({"no": 500, "yes": 500}, {"no": 100, "yes": 900}), 2)
    0.87
    """
    values = sorted({*before, *after})
    if len(values) < 2:
        return 0.0
    p, q = (_shares([counts.get(value, 0) for value in values]) for counts in (before, after))
    moved = float(((q - p) * np.log(q / p)).sum())
    rows = [max(sum(counts.values()), 1) for counts in (before, after)]
    chance = (len(values) - 1) * sum(1 / count for count in rows)
    return max(moved - chance, 0.0)


def _shares(counts: Sequence[int]) -> Floats:
    smooth: Floats = np.asarray(counts, np.float64) + PRIOR
    shares: Floats = smooth / smooth.sum()
    return shares
