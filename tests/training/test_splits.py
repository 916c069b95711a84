"""Splits keep whole days and whole accounts apart."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.training.rows import made_up
from training.splits import by_account, by_time, drawn_accounts


@given(st.integers(0, 20), st.integers(0, 400))
def test_nothing_learnt_from_is_as_late_as_anything_tested(seed: int, day: int) -> None:
    rows = made_up(seed)
    first = np.datetime64("2026-01-01") + np.timedelta64(day, "D")
    split = by_time(rows, first)
    assert len(split.train) + len(split.test) == len(rows)
    assert (split.train.moment < first).all()
    assert (split.test.moment >= first).all()


@given(st.integers(0, 20), st.floats(0, 1))
def test_no_account_is_on_both_sides(seed: int, share: float) -> None:
    rows = made_up(seed)
    split = by_account(rows, share, seed=seed)
    assert len(split.train) + len(split.test) == len(rows)
    assert not set(split.train.account) & set(split.test.account)
    assert len(set(split.test.account)) == round(share * len(set(rows.account)))


@given(st.integers(0, 20))
def test_who_is_drawn_does_not_depend_on_the_order_of_rows(seed: int) -> None:
    rows = made_up(seed)
    order = np.random.default_rng(seed).permutation(len(rows))
    drawn = drawn_accounts(rows, 0.3, seed=4)
    assert (drawn_accounts(rows.take(order), 0.3, seed=4) == drawn[order]).all()
