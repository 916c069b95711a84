"""Laws of series that move on booking by booking: they are what all bookings together would say."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from recommender.money.booking import Booking
from recommender.money.series import Series, find_series
from recommender.money.settling import as_of, settle
from tests.recommender.money.paid import booking, every, monthly

FIRST = date(2025, 1, 31)


def the_series(bookings: list[Booking], day: date) -> Series:
    (series,) = find_series(bookings, day)
    return series


rhythms = st.one_of(
    st.builds(
        monthly,
        st.dates(date(2023, 1, 1), date(2025, 1, 31)),
        st.integers(4, 20),
        st.integers(-90_000, -500) | st.integers(500, 90_000),
    ),
    st.builds(every, st.sampled_from([7, 28]), st.just(date(2024, 2, 29)), st.integers(5, 30)),
)


@given(rhythms, st.integers(0, 200), st.integers(0, 200))
def test_time_that_passes_says_what_looking_at_all_bookings_anew_says(
    bookings: list[Booking], sooner: int, later: int
) -> None:
    last = bookings[-1].booked_on
    early = the_series(bookings, last + timedelta(min(sooner, later)))
    late = the_series(bookings, last + timedelta(max(sooner, later)))
    assert as_of(early, last + timedelta(max(sooner, later))) == late


@given(rhythms)
def test_a_booking_that_is_due_moves_its_series_as_learning_anew_would(
    bookings: list[Booking],
) -> None:
    before = find_series(bookings[:-1], bookings[-2].booked_on)
    assume(len(before) == 1)
    (settled,) = settle(before, bookings[-1])
    again = the_series(bookings, bookings[-1].booked_on)
    for name in ("next_due", "amount_minor", "executions", "missed", "last_on", "missing_since"):
        assert getattr(settled, name) == getattr(again, name), name
    assert settled.rests_on == again.rests_on


@given(rhythms)
def test_what_was_told_before_changes_nothing(bookings: list[Booking]) -> None:
    series = find_series(bookings, bookings[-1].booked_on)
    for one in bookings[-4:]:
        assert settle(series, one) is series


@given(rhythms, st.sampled_from(["USD", "GBP"]))
def test_another_payee_currency_or_direction_is_another_matter(
    bookings: list[Booking], currency: str
) -> None:
    *earlier, last = bookings
    series = find_series(earlier, earlier[-1].booked_on)
    on, amount = last.booked_on, last.amount_minor
    assert settle(series, booking(on, amount, "Hofkamp Garage")) is series
    assert settle(series, booking(on, amount, currency=currency)) is series
    assert settle(series, booking(on, -amount)) is series


def test_a_booking_that_was_missing_ends_the_wait() -> None:
    bookings = monthly(FIRST, 8, 210_000, "Employer")
    due = date(2025, 9, 30)
    waiting = as_of(the_series(bookings, bookings[-1].booked_on), due + timedelta(5))
    assert waiting.missing_since == due
    (settled,) = settle((waiting,), booking(due + timedelta(5), 210_000, "Employer"))
    assert settled.missing_since is None
    assert settled.next_due == date(2025, 10, 31)


@given(
    st.dates(date(2024, 1, 1), date(2025, 1, 31)),
    st.integers(0, 14),
    st.sampled_from([210_000, -1_250]),
)
def test_what_comes_late_ends_the_wait_and_is_not_the_next_one(
    first: date, late: int, amount: int
) -> None:
    *before, due, following = monthly(first, 10, amount)
    series = the_series(before, before[-1].booked_on)
    came = due.booked_on + timedelta(late)
    for one in (series, as_of(series, came - timedelta(1))):
        (settled,) = settle((one,), booking(came, amount))
        assert as_of(settled, came).missing_since is None
        assert abs(settled.next_due - following.booked_on) <= timedelta(3)
        (again,) = settle((settled,), following)
        assert again.doubled_on is None
        assert again.executions == series.executions + 2


def test_another_amount_does_not_end_the_wait() -> None:
    series = the_series(monthly(FIRST, 8, 210_000), date(2025, 8, 31))
    assert settle((series,), booking(date(2025, 10, 10), 5_000)) == (series,)


def test_a_price_that_changes_is_noted_with_what_it_was() -> None:
    series = find_series(monthly(FIRST, 8), date(2025, 8, 31))
    (dearer,) = settle(series, booking(date(2025, 9, 30), -1_450))
    assert (dearer.price_changed_on, dearer.previous_amount_minor) == (date(2025, 9, 30), -1_250)
    assert dearer.amount_minor == -1_450


def test_the_same_again_in_one_cycle_is_noted_until_it_is_given_back() -> None:
    series = find_series(monthly(FIRST, 8), date(2025, 8, 31))
    twice = settle(series, booking(date(2025, 9, 2)))
    assert twice[0].doubled_on == date(2025, 9, 2)
    assert twice[0].next_due == series[0].next_due
    given_back = settle(twice, booking(date(2025, 9, 4), 1_250))
    assert given_back[0].doubled_on is None


@given(rhythms, st.sampled_from(["e1", "e2", ""]), st.sampled_from(["e1", "e2", ""]))
def test_only_two_ids_tell_two_equal_bookings_of_one_day_apart(
    bookings: list[Booking], one: str, other: str
) -> None:
    before = find_series(bookings[:-1], bookings[-2].booked_on)
    assume(len(before) == 1)
    first, second = (msgspec.structs.replace(bookings[-1], booking_id=it) for it in (one, other))
    once = settle(before, first)
    twice = settle(once, second)
    assert (twice is not once) == ("" not in {one, other} and one != other)
    if twice is not once:
        assert twice[0].doubled_on == bookings[-1].booked_on
        assert settle(twice, first) is settle(twice, second) is twice


def test_of_two_contracts_with_one_payee_the_nearer_amount_moves_on() -> None:
    bookings = [*monthly(FIRST, 8, -1_250), *monthly(FIRST, 8, -9_900)]
    series = find_series(bookings, date(2025, 8, 31))
    assert len(series) == 2
    settled = settle(series, booking(date(2025, 9, 30), -9_900))
    both = zip(series, settled, strict=True)
    assert [after.amount_minor for before, after in both if before != after] == [-9_900]


@given(rhythms)
def test_bookings_that_arrive_in_another_order_end_at_the_same_due_day(
    bookings: list[Booking],
) -> None:
    *before, second, last = bookings
    series = find_series(before, before[-1].booked_on)
    assume(len(series) == 1)
    (in_order,) = settle(settle(series, second), last)
    (turned,) = settle(settle(series, last), second)
    for name in ("next_due", "last_on", "amount_minor", "missing_since", "ended"):
        assert getattr(turned, name) == getattr(in_order, name), name
