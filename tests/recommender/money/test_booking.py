"""Several accounts side by side are what each of them is alone."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.money.booking import Ledger, Ledgers, date_of, day_number
from recommender.money.series import recurring_of, series_of, series_of_each
from tests.recommender.money.paid import booking, every, monthly

FIRST, DAY = date(2025, 1, 31), day_number(date(2025, 10, 1))


def together(counts: list[int]) -> Ledgers:
    """Accounts of which each has so many bookings of one ledger, one after the other."""
    paid = [*monthly(FIRST, 8), *every(7, FIRST, 12, -900), booking(FIRST, -300, "Kiosk")]
    whole = Ledger.of(paid)
    rows = [np.arange(min(count, len(whole))) for count in counts]
    edges = np.cumsum([0, *map(len, rows)])
    return Ledgers(whole.where(np.concatenate([*rows, np.zeros(0, np.int64)]).astype(int)), edges)


@given(st.lists(st.integers(0, 21), max_size=6))
def test_each_account_has_the_series_that_it_has_alone(counts: list[int]) -> None:
    several = together(counts)
    alone = [series_of(several[place], DAY) for place in range(len(several))]
    assert series_of_each(several, DAY) == alone


@given(st.lists(st.integers(0, 21), min_size=1, max_size=6), st.integers(0, 5))
def test_some_accounts_have_what_they_had_among_all(counts: list[int], first: int) -> None:
    several = together(counts)
    first = min(first, len(counts) - 1)
    some = several.some(first, 2)
    assert len(some) == min(2, len(counts) - first)
    for place in range(len(some)):
        assert some[place].day.tolist() == several[first + place].day.tolist()
    rows = [[one.rows.tolist() for one in found] for found in recurring_of(some)]
    start = int(several.edges[first])
    among_all = recurring_of(several)[first : first + 2]
    assert rows == [[(one.rows - start).tolist() for one in found] for found in among_all]


@given(st.lists(st.integers(0, 21), min_size=1, max_size=6), st.integers(0, 300))
def test_what_is_left_out_is_left_out_of_each(counts: list[int], days: int) -> None:
    several = together(counts)
    until = day_number(FIRST + timedelta(days=days))
    kept = several.where(several.together.day < until)
    for place in range(len(several)):
        days_of = several[place].day
        assert kept[place].day.tolist() == days_of[days_of < until].tolist()


@given(st.dates())
def test_day_numbers_are_days(day: date) -> None:
    assert date_of(day_number(day)) == day
    assert day_number(day) == (day - date(1970, 1, 1)).days
