"""What recurs is found, whatever order it is told in; what does not is left alone."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.money.booking import Booking
from recommender.money.rhythm import LAST_WORKING_DAY, Period
from recommender.money.series import Series, find_series
from tests.recommender.money.paid import booking, every, monthly
from training.world.noise import name_forms
from training.world.window import shifted

DAYS = st.dates(date(2001, 1, 1), date(2080, 1, 1))


def only(bookings: list[Booking], day: date) -> Series:
    (series,) = find_series(bookings, day)
    return series


@given(DAYS, st.integers(3, 30))
def test_the_same_day_of_each_month_is_found_and_due_again_on_it(first: date, count: int) -> None:
    paid = monthly(first, count)
    series = only(paid, paid[-1].booked_on)
    assert series.rhythm.period == Period.MONTHLY
    # Of a few months it may not be seen that the day is the 31st rather than the last but one.
    if {one.booked_on.day for one in paid} == {first.day} or count >= 14:
        assert abs((series.next_due - shifted(first, count)).days) <= (first.day > 28) * 3
    assert series.window_from <= series.next_due <= series.window_until
    assert (series.amount_minor, series.fixed, series.executions) == (-1_250, True, count)


@pytest.mark.parametrize("day", [29, 30, 31])
@pytest.mark.parametrize("until", [(2024, 1), (2024, 2), (2023, 2), (2024, 4)])
def test_month_ends_and_leap_days_are_kept(day: int, until: tuple[int, int]) -> None:
    first = date(2022, 12, day)
    count = (until[0] - 2022) * 12 + until[1] - 12 + 1
    series = only(monthly(first, count), shifted(first, count - 1))
    assert series.next_due == shifted(first, count)


@given(st.integers(2000, 2070), st.integers(1, 12), st.integers(4, 24))
def test_the_last_working_day_is_found(year: int, month: int, count: int) -> None:
    paid = [booking(last_working_day(year, month + k), 200_000, "Harrow") for k in range(count)]
    series = only(paid, paid[-1].booked_on)
    due = last_working_day(year, month + count)
    assert abs((series.next_due - due).days) <= (0 if count >= 14 else 3)
    if count >= 14:
        assert series.rhythm.day == LAST_WORKING_DAY
    assert series.income


def last_working_day(year: int, month: int) -> date:
    day = shifted(date(year, 1, 1), month) - timedelta(days=1)
    return day - timedelta(days=max(day.weekday() - 4, 0))


@pytest.mark.parametrize(("days", "period"), [(7, Period.WEEKLY), (28, Period.FOUR_WEEKLY)])
@given(first=DAYS, count=st.integers(6, 60))
def test_weeks_and_four_weeks_go_on(days: int, period: Period, first: date, count: int) -> None:
    series = only(every(days, first, count), first + timedelta(days=days * (count - 1)))
    assert series.rhythm.period == period
    assert series.next_due == first + timedelta(days=days * count)


@pytest.mark.parametrize(("months", "period"), [(3, Period.QUARTERLY), (12, Period.YEARLY)])
def test_quarters_and_years_go_on(months: int, period: Period) -> None:
    first = date(2019, 2, 14)
    paid = [booking(shifted(first, months * number)) for number in range(4)]
    series = only(paid, paid[-1].booked_on)
    assert series.rhythm.period == period
    assert series.next_due == shifted(first, 4 * months)


@given(st.randoms(use_true_random=False), DAYS)
def test_neither_order_nor_repetition_matters(random: object, first: date) -> None:
    paid = [*monthly(first, 9), *monthly(first + timedelta(days=3), 7, -899, "Toonladder")]
    day = shifted(first, 9)
    told = [*paid, *paid[::2]]
    random.shuffle(told)  # type: ignore[attr-defined]
    assert find_series(told, day) == find_series(paid, day)


@given(DAYS, st.integers(1, 40), st.integers(4, 12))
def test_later_by_whole_periods_is_due_later_by_as_much(
    first: date, weeks: int, count: int
) -> None:
    later = timedelta(weeks=weeks)
    end = first + timedelta(weeks=count + 2)
    now = only(every(7, first, count + 3), end)
    then = only(every(7, first + later, count + 3), end + later)
    assert then.next_due == now.next_due + later


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_shopping_at_random_is_no_series(seed: int) -> None:
    random = np.random.default_rng(seed)
    shops = [
        f"Shop {name}"
        for name in ["Anker", "Bries", "Cirkel", "Duin", "Eik", "Fluit", "Gors", "Halm"]
    ]
    spent = [
        booking(
            date(2024, 1, 1) + timedelta(days=int(random.integers(700))),
            -int(random.lognormal(8, 0.6)),
            shops[random.integers(len(shops))],
            scheme="card",
        )
        for _ in range(400)
    ]
    assert len(find_series(spent, date(2026, 1, 1))) == 0


def test_names_that_vary_are_one_payee() -> None:
    names = [*name_forms("Woonhuis Housing Association"), "Woonhuis Housing Association"] * 2
    paid = monthly(date(2025, 1, 5), len(names))
    told = [booking(one.booked_on, -80_000, name) for one, name in zip(paid, names, strict=True)]
    assert only(told, paid[-1].booked_on).executions == len(names)


def test_several_payments_to_one_payee_are_told_apart() -> None:
    paid = [
        *monthly(date(2025, 1, 5), 12, -1_900, "Raak Bank"),
        *monthly(date(2025, 1, 5), 12, -700, "Raak Bank"),
        *monthly(date(2025, 1, 20), 12, -5_200, "Raak Bank"),
    ]
    found = find_series(paid, date(2025, 12, 25))
    assert sorted(one.amount_minor for one in found) == [-5_200, -1_900, -700]


def test_a_new_price_is_the_same_series_and_told() -> None:
    paid = [*monthly(date(2025, 1, 5), 8, -999), *monthly(date(2025, 9, 5), 4, -1_199)]
    series = only(paid, date(2025, 12, 6))
    assert (series.amount_minor, series.previous_amount_minor) == (-1_199, -999)
    assert series.price_changed_on == date(2025, 9, 5)
    assert (series.low_minor, series.high_minor) == (-1_199, -1_199)


def test_amounts_that_vary_have_a_range() -> None:
    amounts = [-6_120, -7_480, -5_990, -6_630, -7_020, -6_310, -6_850, -7_200]
    paid = [
        booking(shifted(date(2025, 1, 12), number), amount) for number, amount in enumerate(amounts)
    ]
    series = only(paid, date(2025, 8, 13))
    assert not series.fixed
    assert series.low_minor <= series.amount_minor <= series.high_minor < 0


def test_a_missed_month_is_counted_and_a_doubled_one_told() -> None:
    paid = [one for one in monthly(date(2025, 1, 5), 12) if one.booked_on.month != 6]
    twice = booking(date(2025, 9, 6))
    series = only([*paid, twice], date(2025, 12, 6))
    assert (series.executions, series.missed) == (11, 1)
    assert series.doubled_on == date(2025, 9, 6)
    assert series.next_due == date(2026, 1, 5)


def test_what_no_longer_comes_is_missing_and_then_ended() -> None:
    paid = monthly(date(2025, 1, 25), 8, 240_000, "Juniper Software")
    late = only(paid, date(2025, 10, 1))
    assert (late.missing_since, late.ended) == (date(2025, 9, 25), False)
    gone = only(paid, date(2026, 1, 1))
    assert gone.ended
    assert list(gone.due_until(date(2026, 3, 1))) == []


def test_the_executions_it_rests_on_are_listed() -> None:
    series = only(monthly(date(2025, 1, 5), 10), date(2025, 10, 6))
    assert [one.booked_on for one in series.rests_on] == [date(2025, m, 5) for m in range(5, 11)]


def test_currencies_are_never_mixed() -> None:
    paid = [
        booking(one.booked_on, one.amount_minor, currency="EUR" if number % 2 else "USD")
        for number, one in enumerate(monthly(date(2025, 1, 5), 12))
    ]
    assert not any(
        one.rhythm.period == Period.MONTHLY for one in find_series(paid, date(2026, 1, 1))
    )


@pytest.mark.parametrize("count", [0, 1])
def test_too_little_to_tell_is_nothing(count: int) -> None:
    assert find_series(monthly(date(2025, 1, 5), count), date(2025, 2, 1)) == ()


def test_fifty_thousand_bookings_are_no_obstacle() -> None:
    random = np.random.default_rng(1)
    paid = [
        booking(
            date(2024, 1, 1) + timedelta(days=int(on)),
            -int(amount),
            f"Payee {on % 60}",
            scheme="card",
        )
        for on, amount in zip(
            random.integers(0, 720, 50_000), random.integers(100, 10**6, 50_000), strict=True
        )
    ]
    paid += monthly(date(2024, 1, 5), 24)
    found = find_series(paid, date(2025, 12, 31))
    assert [one.counterparty for one in found] == ["Zonwind Energy"]


def test_what_is_booked_later_is_not_known() -> None:
    paid = monthly(date(2025, 1, 5), 12)
    assert only(paid, date(2025, 6, 30)) == only(paid[:6], date(2025, 6, 30))


def test_the_first_salary_of_a_new_employer_comes_again_and_no_other_first_payment_does() -> None:
    first = date(2025, 3, 25)
    paid = monthly(first, 2, 240_000, "Juniper Software")
    salary = [booking(one.booked_on, 240_000, one.counterparty, scheme="salary") for one in paid]
    for count in (1, 2):
        series = only(salary[:count], salary[count - 1].booked_on)
        assert series.next_due == shifted(first, count)
        assert (series.executions, series.income) == (count, True)
        assert find_series(paid[:count], paid[count - 1].booked_on) == ()
    half_a_year_later = shifted(first, 6)
    assert only(salary, half_a_year_later).ended


def test_two_salaries_that_are_not_a_month_apart_are_no_series() -> None:
    paid = [
        booking(date(2025, 3, 25), 240_000, scheme="salary"),
        booking(date(2025, 4, 3), 90_000, scheme="salary"),
    ]
    assert find_series(paid, date(2025, 4, 4)) == ()


def test_what_is_paid_each_year_on_a_leap_day_is_due_on_the_last_day_of_february() -> None:
    paid = [booking(date(year, 2, day)) for year, day in ((2020, 29), (2021, 28), (2022, 28))]
    assert only(paid, date(2022, 3, 1)).next_due in {date(2023, 2, 28), date(2023, 2, 27)}
    paid += [booking(date(2023, 2, 28)), booking(date(2024, 2, 29))]
    series = only(paid, date(2024, 3, 1))
    assert series.rhythm.period == Period.YEARLY
    assert series.next_due == date(2025, 2, 28)


@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
@pytest.mark.parametrize("days", [7, 28])
def test_a_week_in_which_the_clock_changes_has_seven_days(change: date, days: int) -> None:
    first = change - timedelta(days=days * 5)
    series = only(every(days, first, 6), change)
    assert series.next_due == change + timedelta(days=days)
    assert series.missing_since is None
