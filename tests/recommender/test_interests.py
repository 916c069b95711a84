"""Decayed interest is a sum: the order in which events arrive must not matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Interest
from recommender.interests import fold, level_at

START = datetime(2026, 1, 1, tzinfo=UTC)
HALF_LIFE_DAYS = 14.0

moments = st.integers(0, 365 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds))
events = st.lists(st.tuples(moments, st.sampled_from([1.0, 2.0, 3.0])), min_size=1, max_size=30)


def folded(sequence: list[tuple[datetime, float]]) -> Interest:
    interest: Interest | None = None
    for at, weight in sequence:
        interest = fold(interest, weight, at, HALF_LIFE_DAYS)
    assert interest is not None
    return interest


@given(events, st.randoms(use_true_random=False), moments)
def test_events_may_be_folded_in_any_order(
    sequence: list[tuple[datetime, float]], random: Random, at: datetime
) -> None:
    shuffled = list(sequence)
    random.shuffle(shuffled)
    assert level_at(folded(shuffled), at, HALF_LIFE_DAYS) == pytest.approx(
        level_at(folded(sequence), at, HALF_LIFE_DAYS), rel=1e-9
    )


@given(events, moments)
def test_the_level_is_the_sum_of_each_event_decayed_by_its_age(
    sequence: list[tuple[datetime, float]], at: datetime
) -> None:
    direct = sum(
        weight * 2 ** (-(at - seen).total_seconds() / 86_400 / HALF_LIFE_DAYS)
        for seen, weight in sequence
    )
    assert level_at(folded(sequence), at, HALF_LIFE_DAYS) == pytest.approx(direct, rel=1e-9)


def test_after_one_half_life_half_is_left() -> None:
    later = START + timedelta(days=HALF_LIFE_DAYS)
    assert level_at(Interest(4.0, START), later, HALF_LIFE_DAYS) == pytest.approx(2.0)
