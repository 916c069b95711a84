from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation import bootstrap
from training.evaluation.bootstrap import Estimate, interval, resampled_means


@given(st.integers(0, 1000), st.integers(2, 5))
def test_writing_every_row_down_more_often_makes_nothing_more_certain(
    seed: int, times: int
) -> None:
    """Rows of one account are not independent: this is what resampling accounts is for."""
    values = np.random.default_rng(seed).random((30, 2))
    account = np.arange(30)
    once = resampled_means(values, account, seed=seed, resamples=20)
    again = resampled_means(
        np.repeat(values, times, axis=0), np.repeat(account, times), seed=seed, resamples=20
    )
    np.testing.assert_allclose(once, again)


def test_the_interval_of_a_mean_is_as_wide_as_theory_says() -> None:
    values = np.random.default_rng(1).random((2000, 1))
    draws = resampled_means(values, np.arange(2000), seed=1, resamples=1000)
    estimate = interval(values.mean(), draws[:, 0])
    theory = 2 * 1.96 * values.std() / np.sqrt(2000)
    assert abs((estimate.high - estimate.low) / theory - 1) < 0.15
    assert estimate.low < estimate.value < estimate.high


def test_equal_seeds_draw_equal_resamples_and_others_do_not() -> None:
    values, account = np.random.default_rng(1).random((50, 1)), np.arange(50) // 2
    first = resampled_means(values, account, seed=1, resamples=10)
    assert (first == resampled_means(values, account, seed=1, resamples=10)).all()
    assert (first != resampled_means(values, account, seed=2, resamples=10)).any()


def test_drawing_in_portions_changes_nothing() -> None:
    values, account = np.random.default_rng(1).random((50, 1)), np.arange(50)
    whole = resampled_means(values, account, seed=1, resamples=10)
    before = bootstrap.CELLS_AT_ONCE
    bootstrap.CELLS_AT_ONCE = 150
    try:
        portions = resampled_means(values, account, seed=1, resamples=10)
        # the same draws; how a matrix is summed up depends on its shape and on the processor
        np.testing.assert_allclose(portions, whole, rtol=1e-12)
    finally:
        bootstrap.CELLS_AT_ONCE = before


def test_intervals_are_clear_of_each_other_only_when_they_share_nothing() -> None:
    low, middle, high = Estimate(1, 0, 2), Estimate(2, 1.5, 3), Estimate(5, 4, 6)
    assert high.clear_of(low)
    assert low.clear_of(high)
    assert not low.clear_of(middle)
