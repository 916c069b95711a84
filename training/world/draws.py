"""Drawing at random for many people at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Flags: TypeAlias = NDArray[np.bool_]
Codes: TypeAlias = NDArray[np.int8]
Rows: TypeAlias = NDArray[np.int64]
"""Positions of people, 0 .. n-1."""


def along(ages: Floats, points: Mapping[float, float]) -> Floats:
    """A curve over age through `points`, straight in between, flat outside.

    >>> along(np.array([10, 25, 90], np.float32), {20: 0.0, 30: 1.0}).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.interp(ages, list(points), list(points.values())).astype(np.float32)


def pick(rng: np.random.Generator, weights: NDArray[np.floating]) -> Codes:
    """For each row of `weights` (n, choices), >= 0, one choice in proportion to its weight."""
    cumulative = np.cumsum(weights, axis=1)
    aim = rng.random(len(weights), dtype=np.float32)[:, None] * cumulative[:, -1:]
    chosen = np.minimum((cumulative <= aim).sum(axis=1), weights.shape[1] - 1)
    return cast("Codes", chosen.astype(np.int8))


def pick_like(rng: np.random.Generator, given: NDArray[np.integer], weights: Floats) -> Codes:
    """For each of `given` (m,), a choice in proportion to the row `weights[given]` (rows, choices).

    One search for all: each row's cumulative shares are shifted into their own unit interval.
    """
    shares = np.cumsum(weights.astype(np.float64), axis=1)
    shares /= shares[:, -1:]
    shifted = (shares + np.arange(len(weights))[:, None]).ravel()
    aim = given + rng.random(len(given))
    found = np.searchsorted(shifted, aim, side="right") - given * weights.shape[1]
    return cast("Codes", np.minimum(found, weights.shape[1] - 1).astype(np.int8))


def repeated(counts: NDArray[np.integer]) -> Rows:
    """Each position as often as its count: [2, 0, 1] -> [0, 0, 2]."""
    return np.repeat(np.arange(len(counts)), counts)
