"""Calibration: of the products promised with probability 0.3, are three in ten taken?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from training.evaluation.metrics import Floats, Ints, not_held

TOP_BINS = 15
"""Equal-mass bins of the calibration error over each row's first product."""


@dataclass(frozen=True)
class Curve:
    """Bins of equal mass: the mean promise, the share taken, and how many promises, per bin."""

    promised: Floats
    taken: Floats
    count: NDArray[np.int64]


@dataclass(frozen=True)
class ProductCalibration:
    """One product over all rows: how many takings the propensities add up to, and how many came.

    `z` is their difference in standard deviations of the promised number (Poisson binomial).
    """

    product_id: str
    promised: float
    taken: int
    z: float


def top_promises(propensities: Floats, target: Ints) -> tuple[Floats, Floats]:
    """Each row's highest propensity, and 1 where that product was the one taken.

    >>> top_promises(np.array([[0.3, 0.7], [0.6, 0.4]]), np.array([1, 1], np.int32))
    (array([0.7, 0.6]), array([1., 0.]))
    """
    first = propensities.argmax(axis=1)
    return propensities.max(axis=1), (first == target).astype(np.float64)


def equal_mass_bins(promised: Floats, bins: int) -> NDArray[np.intp]:
    """The bin of each promise, so that bins hold equally many; equal promises share a bin.

    >>> equal_mass_bins(np.array([0.1, 0.9, 0.5, 0.5]), bins=2)
    array([0, 1, 1, 1])
    """
    if not len(promised):
        return np.zeros(0, np.intp)
    edges = np.quantile(promised, np.linspace(0, 1, bins + 1)[1:-1])
    return np.searchsorted(np.unique(edges), promised, side="right").astype(np.intp)


def calibration_gaps(propensities: Floats, target: Ints, bins: int = TOP_BINS) -> Floats:
    """(rows, bins): taken minus promised for each row's first product, in that promise's bin.

    The calibration error is the sum over bins of the absolute mean over rows.

    >>> calibration_gaps(np.array([[0.75, 0.25], [1.0, 0.0]]), np.array([0, 1], np.int32), bins=2)
    array([[ 0.25,  0.  ],
           [ 0.  , -1.  ]])
    """
    promised, taken = top_promises(propensities, target)
    gaps = np.zeros((len(target), bins))
    gaps[np.arange(len(target)), equal_mass_bins(promised, bins)] = taken - promised
    return gaps


def calibration_error(propensities: Floats, target: Ints, bins: int = TOP_BINS) -> float:
    """Expected calibration error of each row's first product, over `bins` bins of equal mass.

    The mean, over rows, of |share taken - mean promise| in the row's bin. Finite samples make it
    positive even for perfect propensities: up to about 0.4 * sqrt(bins / rows).
    Source: Naeini et al., 2015; equal mass after Nguyen and O'Connor, 2015.

    Promised .8 each time and right half of the time:

    >>> promise = np.array([[0.8, 0.2], [0.8, 0.2]])
    >>> round(calibration_error(promise, np.array([0, 1], np.int32)), 3)
    0.3
    """
    return float(np.abs(calibration_gaps(propensities, target, bins).mean(axis=0)).sum())


def reliability(propensities: Floats, target: Ints, held: csr_matrix, bins: int = 12) -> Curve:
    """The reliability curve over every (row, product not held) pair, `bins` bins of equal mass.

    Equal mass in *expected takings*, not in pairs: nine pairs in ten promise next to nothing.

    >>> two = np.array([[0.5, 0.5], [0.5, 0.5]])
    >>> curve = reliability(two, np.array([0, 1], np.int32), csr_matrix((2, 2), dtype=bool))
    >>> curve.promised, curve.taken, curve.count
    (array([0.5]), array([0.5]), array([4]))
    """
    pairs = not_held(held)
    truth = np.zeros(propensities.shape, dtype=bool)
    truth[np.arange(len(target)), target] = True
    promised, taken = propensities[pairs], truth[pairs]
    order = np.argsort(promised, kind="stable")
    mass = np.cumsum(promised[order])
    edges = promised[order][np.searchsorted(mass, mass[-1] * np.arange(1, bins) / bins)]
    place = np.searchsorted(np.unique(edges), promised, side="right")
    count = np.bincount(place)
    full = count > 0
    return Curve(
        promised=(np.bincount(place, weights=promised)[full] / count[full]),
        taken=(np.bincount(place, weights=taken)[full] / count[full]),
        count=count[full].astype(np.int64),
    )


def per_product(
    propensities: Floats, target: Ints, products: tuple[str, ...]
) -> tuple[ProductCalibration, ...]:
    """Promised and actual takings of each product, the most promised first.

    >>> first, _ = per_product(np.full((2, 2), 0.5), np.array([0, 0], np.int32), ("a", "b"))
    >>> first.product_id, first.promised, first.taken, round(first.z, 2)
    ('a', 1.0, 2, 1.41)
    """
    promised = propensities.sum(axis=0)
    deviation = np.sqrt((propensities * (1 - propensities)).sum(axis=0))
    taken = np.bincount(target, minlength=len(products))
    z = (taken - promised) / np.maximum(deviation, 1e-9)
    return tuple(
        ProductCalibration(products[k], float(promised[k]), int(taken[k]), float(z[k]))
        for k in np.argsort(-promised, kind="stable")
    )
