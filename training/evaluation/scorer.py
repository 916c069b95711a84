"""What can be evaluated: anything that gives each row's propensities over the products."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from scipy.sparse import csr_matrix

from training.evaluation.metrics import Floats, not_held
from training.snapshots import Snapshots


class Scorer(Protocol):
    """The hybrid model and every baseline, alike. The laws are in tests/training/contracts."""

    def propensities(self, snapshots: Snapshots) -> Floats:
        """(rows, products) float64: each row sums to 1 over the products not held, held ones are 0.

        `snapshots` has the vocabulary and the products of the rows the scorer was fitted on.
        """
        ...


def over_not_held(weights: Floats, held: csr_matrix) -> Floats:
    """Share each row's `weights` (rows, products), >= 0, out over the products not held.

    A row whose weight is all on held products is shared out equally; a row that holds every
    product stays 0.

    >>> held = csr_matrix(np.array([[True, False, False]]))
    >>> over_not_held(np.array([[5.0, 1.0, 3.0]]), held)
    array([[0.  , 0.25, 0.75]])
    """
    may = not_held(held)
    shares = np.where(may, weights, 0.0)
    nothing_left = shares.sum(axis=1) == 0
    shares[nothing_left] = may[nothing_left]
    total = shares.sum(axis=1, keepdims=True)
    result: Floats = shares / np.where(total > 0, total, 1.0)
    return result
