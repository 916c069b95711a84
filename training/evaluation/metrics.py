"""Ranking and probability metrics of one target per row, among the products not yet held.

Every function takes and gives whole columns; the mean over rows is the metric. Ties count against
the scorer: a product with the same propensity as the target ranks before it, so nobody gains from
not telling products apart, and the order of the catalogue's products does not matter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

FLOOR = 1e-12
"""The least probability the log loss sees: a target called impossible costs 27.6, not infinity."""


def not_held(held: csr_matrix) -> NDArray[np.bool_]:
    """(rows, products): True where the product may still be taken.

    >>> not_held(csr_matrix(np.array([[True, False, False]])))
    array([[False,  True,  True]])
    """
    may: NDArray[np.bool_] = ~held.toarray().astype(np.bool_)
    return may


def ranks(propensities: Floats, target: Ints, held: csr_matrix) -> Ints:
    """The target's rank in each row, 0 for the first, among the products not held.

    Raises:
        ValueError: a row's target is held, so it cannot be ranked.

    The second product is held, so the third comes first and the first second:

    >>> propensities = np.array([[0.2, 0.0, 0.8]])
    >>> ranks(propensities, np.array([0], np.int32), csr_matrix(np.array([[False, True, False]])))
    array([1], dtype=int32)
    """
    masked = np.where(not_held(held), propensities, -1.0)
    own = masked[np.arange(len(target)), target][:, None]
    if (own < 0).any():
        raise ValueError(f"the target of row {int(np.argmax(own[:, 0] < 0))} is held already")
    before: Ints = ((masked >= own).sum(axis=1) - 1).astype(np.int32)
    return before


def hit(rank: Ints, at: int) -> Floats:
    """1 where the target is among the first `at`, else 0.

    >>> hit(np.array([0, 2, 3], np.int32), at=3)
    array([1., 1., 0.])
    """
    return (rank < at).astype(np.float64)


def ndcg(rank: Ints, at: int) -> Floats:
    """Normalised discounted cumulative gain; with one target the ideal gain is 1.

    Source: Järvelin and Kekäläinen, 2002.

    >>> ndcg(np.array([0, 2, 5], np.int32), at=5)
    array([1. , 0.5, 0. ])
    """
    return np.where(rank < at, 1.0 / np.log2(rank + 2.0), 0.0)


def average_precision(rank: Ints, at: int) -> Floats:
    """Average precision over the first `at`; with one target, the reciprocal of its place.

    >>> average_precision(np.array([0, 3, 7], np.int32), at=7)
    array([1.  , 0.25, 0.  ])
    """
    return np.where(rank < at, 1.0 / (rank + 1.0), 0.0)


def log_loss(propensities: Floats, target: Ints) -> Floats:
    """Minus the natural logarithm of the target's propensity.

    >>> log_loss(np.array([[0.5, 0.5], [0.0, 1.0]]), np.array([0, 1], np.int32)).round(3)
    array([0.693, 0.   ])
    """
    own = propensities[np.arange(len(target)), target]
    return np.maximum(-np.log(np.maximum(own, FLOOR)), 0.0)


def coverage(propensities: Floats, held: csr_matrix, at: int) -> float:
    """The share of products that reach the first `at` of at least one row.

    Everybody is shown the same two of three products:

    >>> nothing_held = csr_matrix((2, 3), dtype=bool)
    >>> float(coverage(np.array([[0.5, 0.3, 0.2], [0.6, 0.3, 0.1]]), nothing_held, at=2))
    0.6666666666666666
    """
    masked = np.where(not_held(held), propensities, -1.0)
    n_products = masked.shape[1]
    at = min(at, n_products)
    first = np.argpartition(-masked, at - 1, axis=1)[:, :at]
    shown = first[np.take_along_axis(masked, first, axis=1) > 0]
    return float(len(np.unique(shown)) / n_products)
