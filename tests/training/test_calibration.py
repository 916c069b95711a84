"""Calibration gives back the scale and the offsets that made the choices, as far as rows allow."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from training.calibration import CalibrationConfig, TooFewRows, calibrate

Floats = NDArray[np.float64]


def choices(
    seed: int, scale: float, offset: Floats, rows: int
) -> tuple[Floats, NDArray[np.int32], csr_matrix]:
    """Scores, what was chosen by softmax of scale * score + offset among what is not held, held."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(rows, len(offset)))
    held = rng.random(scores.shape) < 0.2
    held[:, 0] = False  # something is always left
    chance = np.where(held, -np.inf, scale * scores + offset + rng.gumbel(size=scores.shape))
    return scores, chance.argmax(axis=1).astype(np.int32), csr_matrix(held)


def loss(
    scores: Floats, target: NDArray[np.int32], held: csr_matrix, scale: float, offset: Floats
) -> float:
    logits = np.where(held.toarray(), -np.inf, scale * scores + offset)
    own = logits[np.arange(len(target)), target]
    return float((np.log(np.exp(logits).sum(axis=1)) - own).mean())


def test_the_scale_and_the_offsets_come_back() -> None:
    offset = np.array([0.5, -0.5, 0.0, 1.0, -1.0])
    found = calibrate(*choices(0, 0.4, offset, 6000), CalibrationConfig(shrinkage=2.0))
    assert found.scale == pytest.approx(0.4, abs=0.05)
    assert found.offset - found.offset.mean() == pytest.approx(offset, abs=0.12)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.floats(0.1, 3.0))
def test_calibrated_is_never_worse_on_the_rows_it_was_fitted_on(seed: int, scale: float) -> None:
    offset = np.random.default_rng(seed).normal(scale=0.5, size=4)
    scores, target, held = choices(seed, scale, offset, 200)
    found = calibrate(scores, target, held, CalibrationConfig())
    before = loss(scores, target, held, 1.0, np.zeros(4))
    after = loss(scores, target, held, found.scale, found.offset)
    assert after <= before + 1e-6


def test_a_product_that_few_took_gets_little_offset() -> None:
    offset = np.array([0.0, 0.0, -4.0])
    scores, target, held = choices(3, 1.0, offset, 200)
    loose, strict = (
        calibrate(scores, target, held, CalibrationConfig(shrinkage=shrinkage)).offset
        for shrinkage in (0.01, 100.0)
    )
    assert np.abs(strict).max() < np.abs(loose).max() / 2


def test_too_few_rows_are_refused_with_their_number() -> None:
    scores, target, held = choices(3, 1.0, np.zeros(3), 49)
    with pytest.raises(TooFewRows, match="49 rows to calibrate on, at least 50"):
        calibrate(scores, target, held, CalibrationConfig())
