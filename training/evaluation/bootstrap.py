"""Bootstrap intervals that resample accounts, since rows of one account are not independent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluation.metrics import Floats

RESAMPLES = 300
CELLS_AT_ONCE = 4_000_000
"""Weights (resample x account) held in memory at a time: 16 MB of float32."""


@dataclass(frozen=True)
class Estimate:
    """A value and the bounds of its 95 % interval."""

    value: float
    low: float
    high: float

    def clear_of(self, other: Estimate) -> bool:
        """Whether the two intervals share no point."""
        return self.low > other.high or self.high < other.low


def resampled_means(
    columns: Floats, account: NDArray[np.integer], *, seed: int, resamples: int = RESAMPLES
) -> Floats:
    """Means of `columns` (rows, k) over `resamples` draws of accounts: (resamples, k).

    Whole accounts are drawn with replacement, with all their rows. Equal seeds and equal accounts
    draw the same resamples, so draws of two scorers can be subtracted (a paired bootstrap).
    Source: Efron and Tibshirani, 1993.

    With one account every resample is the sample:

    >>> resampled_means(np.array([[1.0], [3.0]]), np.array([7, 7]), seed=0, resamples=2)
    array([[2.],
           [2.]])
    """
    _, place = np.unique(account, return_inverse=True)
    n_accounts = int(place.max()) + 1
    totals = np.column_stack(
        [np.bincount(place, weights=column, minlength=n_accounts) for column in columns.T]
        + [np.bincount(place, minlength=n_accounts)]
    )
    rng = np.random.default_rng(seed)
    sums = np.vstack(
        [
            _draw(rng, n_accounts, draws) @ totals
            for draws in _portions(resamples, max(CELLS_AT_ONCE // n_accounts, 1))
        ]
    )
    means: Floats = sums[:, :-1] / sums[:, -1:]
    return means


def interval(value: float, draws: Floats) -> Estimate:
    """`value` with the percentile interval of its `draws` (resamples,).

    >>> interval(8.0, np.arange(41.0))
    Estimate(value=8.0, low=1.0, high=39.0)
    """
    low, high = np.quantile(draws, [0.025, 0.975])
    return Estimate(float(value), float(low), float(high))


def _portions(total: int, size: int) -> list[int]:
    return [min(size, total - start) for start in range(0, total, size)]


def _draw(rng: np.random.Generator, n_accounts: int, draws: int) -> Floats:
    """How often each account occurs in each of `draws` resamples: (draws, n_accounts)."""
    picked = rng.integers(n_accounts, size=(draws, n_accounts))
    picked += np.arange(draws)[:, None] * n_accounts
    counts = np.bincount(picked.ravel(), minlength=draws * n_accounts)
    return counts.reshape(draws, n_accounts).astype(np.float64)
