from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from tests.training.rows import made_up
from training.evaluation import metrics, over_not_held
from training.evaluation.metrics import Floats, not_held
from training.evaluation.reliability import (
    calibration_error,
    equal_mass_bins,
    per_product,
    reliability,
)
from training.snapshots import Snapshots

seeds = st.integers(0, 10_000)


def scored(seed: int) -> tuple[Snapshots, Floats]:
    """Rows and coarse propensities for them, so that ties occur."""
    rows = made_up(seed, rows=40)
    weights = np.random.default_rng(seed).integers(0, 4, size=rows.held.shape).astype(float)
    return rows, over_not_held(weights, rows.held)


@given(seeds)
def test_a_rank_counts_the_products_not_held_that_are_at_least_as_likely(seed: int) -> None:
    rows, propensities = scored(seed)
    may = not_held(rows.held)
    expected = [
        sum(
            bool(may[row, other] and other != target and one[other] >= one[target])
            for other in range(len(one))
        )
        for row, (one, target) in enumerate(zip(propensities, rows.target, strict=True))
    ]
    assert metrics.ranks(propensities, rows.target, rows.held).tolist() == expected


@given(seeds)
def test_the_order_of_the_products_changes_no_rank(seed: int) -> None:
    rows, propensities = scored(seed)
    order = np.random.default_rng(seed).permutation(propensities.shape[1])
    moved = metrics.ranks(
        propensities[:, order],
        np.argsort(order)[rows.target].astype(np.int32),
        csr_matrix(rows.held.toarray()[:, order]),
    )
    assert (moved == metrics.ranks(propensities, rows.target, rows.held)).all()


def test_a_held_target_is_refused_by_its_row() -> None:
    held = csr_matrix(np.array([[False, False], [False, True]]))
    with pytest.raises(ValueError, match="row 1 is held"):
        metrics.ranks(np.full((2, 2), 0.5), np.array([0, 1], np.int32), held)


@given(st.lists(st.integers(0, 30), min_size=1), st.integers(1, 10))
def test_every_ranking_metric_is_one_at_the_top_and_falls_with_the_rank(
    given_ranks: list[int], at: int
) -> None:
    rank = np.sort(np.array([0, *given_ranks], np.int32))
    for metric in (metrics.hit, metrics.ndcg, metrics.average_precision):
        values = metric(rank, at)
        assert values[0] == 1
        assert (np.diff(values) <= 0).all()
        assert (values[rank >= at] == 0).all()


def test_the_log_loss_of_an_impossible_target_is_finite() -> None:
    loss = metrics.log_loss(np.array([[0.0, 1.0]]), np.array([0], np.int32))
    assert loss[0] == pytest.approx(27.6, abs=0.1)


def test_coverage_does_not_count_products_that_were_held_or_impossible() -> None:
    propensities = np.array([[0.0, 1.0, 0.0]])
    held = csr_matrix(np.array([[True, False, False]]))
    assert metrics.coverage(propensities, held, at=3) == pytest.approx(1 / 3)


@given(seeds)
def test_propensities_that_tell_the_truth_are_well_calibrated(seed: int) -> None:
    rng = np.random.default_rng(seed)
    propensities = rng.dirichlet([1.0, 2.0, 3.0], size=4000)
    chosen = (rng.random((4000, 1)) > propensities.cumsum(axis=1)).sum(axis=1)
    target = np.minimum(chosen, 2).astype(np.int32)
    assert calibration_error(propensities, target) < 0.06
    curve = reliability(propensities, target, csr_matrix(propensities.shape, dtype=bool))
    assert curve.count.sum() == propensities.size
    assert np.abs(curve.promised - curve.taken).max() < 0.12
    assert all(abs(one.z) < 6 for one in per_product(propensities, target, ("a", "b", "c")))


def test_propensities_that_promise_too_much_are_caught() -> None:
    promise = np.tile([0.9, 0.1], (100, 1))
    target = np.tile([0, 1], 50).astype(np.int32)
    assert calibration_error(promise, target) == pytest.approx(0.4)
    assert per_product(promise, target, ("a", "b"))[0].z < -10


@given(st.lists(st.floats(0, 1), max_size=50), st.integers(1, 20))
def test_bins_keep_order_and_equal_promises_together(promised: list[float], bins: int) -> None:
    column = np.sort(np.array(promised, dtype=np.float64))
    place = equal_mass_bins(column, bins)
    assert (np.diff(place) >= 0).all()
    assert (place < bins).all()
    assert all(len(set(place[column == value])) == 1 for value in column)
