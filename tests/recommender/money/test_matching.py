"""Laws of which payment is which: one to one, and no payee's for another's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Payment
from recommender.money.booking import Booking
from recommender.money.matching import SETTLES, announced, still_coming
from recommender.money.outlook import expected
from recommender.money.series import Series, find_series
from tests.recommender.money.paid import booking, every, monthly

DAY = date(2025, 12, 1)
PAYEES = ("Zonwind Energy", "Woonhuis Housing", "Orchard Retail", "Kamer Verhuur")
STRANGER = "Lindenhof Museum"
AMOUNTS = st.sampled_from([-40_000, -41_500, -25_000])
"""Few, so that payees meet in them."""


@cache
def _recurring(day: int) -> Series:
    """On that day of the month, or each week where it is 0."""
    paid = monthly(date(2025, 1, day), 11) if day else every(7, date(2025, 9, 2), 12)
    (found,) = find_series(paid, date(2025, 11, 30))
    return found


def recurring(day: int, amount: int, payee: str) -> Series:
    return msgspec.structs.replace(_recurring(day), amount_minor=amount, counterparty=payee)


plenty = st.lists(
    st.builds(recurring, st.integers(0, 28), AMOUNTS, st.sampled_from(PAYEES)), max_size=5
)


def paying(payees: tuple[str, ...], most: int = 4) -> st.SearchStrategy[list[Payment]]:
    one = st.builds(
        Payment,
        st.dates(DAY, DAY + timedelta(35)),
        AMOUNTS,
        st.just("EUR"),
        st.sampled_from(payees),
    )
    return st.lists(one, min_size=1, max_size=most)


@given(plenty, paying((*PAYEES, STRANGER)))
def test_one_payment_displaces_at_most_one_execution_and_brings_none_back(
    series: list[Series], known: list[Payment]
) -> None:
    before, after = announced(series, known[1:]), announced(series, known)
    assert before <= after
    assert len(after - before) <= 1


@given(plenty, paying((*PAYEES, STRANGER)), st.randoms())
def test_the_order_of_what_is_known_makes_no_difference(
    series: list[Series], known: list[Payment], random: Random
) -> None:
    assert announced(series, random.sample(known, len(known))) == announced(series, known)


@given(st.data(), plenty.filter(bool))
def test_what_a_payee_with_a_series_announces_displaces_no_other_payees(
    data: st.DataObject, series: list[Series]
) -> None:
    known = data.draw(paying(tuple(one.counterparty for one in series)))
    more = announced(series, known) - announced(series, known[1:])
    assert {series[row].counterparty for row, _ in more} <= {known[0].counterparty}


@given(plenty, paying((*PAYEES, STRANGER)), st.integers(1, 35))
def test_what_is_expected_does_not_hang_on_how_far_one_looks(
    series: list[Series], known: list[Payment], days: int
) -> None:
    until = DAY + timedelta(days - 1)
    far = [(one, due) for one, due in expected(series, known, DAY, 35) if due <= until]
    assert list(expected(series, known, DAY, days)) == far


def test_of_several_things_of_one_payee_the_amount_says_which_is_announced() -> None:
    series = [recurring(5, -25_000, "Orchard Retail"), recurring(6, -40_000, "Orchard Retail")]
    known = [Payment(date(2025, 12, 5), -40_000, "EUR", "Orchard Retail")]
    assert announced(series, known) == {(1, date(2025, 12, 6))}


def test_who_has_no_series_is_known_by_the_amount_alone_and_only_once() -> None:
    series = [recurring(5, -40_000, PAYEES[0]), recurring(7, -40_000, PAYEES[1])]
    known = [Payment(date(2025, 12, 5), -40_000, "EUR", STRANGER)]
    assert announced(series, known) == {(0, date(2025, 12, 5))}
    almost = [msgspec.structs.replace(known[0], amount_minor=-40_001)]
    assert announced(series, almost) == frozenset()


SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    lambda name: f"{name} B.V. 000451",
    lambda name: f"SEPA incasso {name}",
    lambda name: name[:-3],
    lambda name: name.replace("e", "a", 1),
)
schedules = st.lists(
    st.builds(
        Payment,
        st.dates(DAY, DAY + timedelta(30)),
        st.integers(-90_000, -1_000),
        st.just("EUR"),
        st.sampled_from(PAYEES),
    ),
    min_size=1,
    max_size=8,
).map(lambda coming: tuple(sorted(coming, key=lambda one: one.due_on)))


def booked(payment: Payment, spelling: Callable[[str], str], days: int, percent: int) -> Booking:
    return booking(
        payment.due_on + timedelta(days),
        payment.amount_minor * percent // 100,
        spelling(payment.counterparty),
    )


@given(st.data(), schedules)
def test_a_booking_under_any_spelling_settles_its_payment_and_no_other_payees(
    data: st.DataObject, coming: tuple[Payment, ...]
) -> None:
    once = tuple({one.counterparty: one for one in coming}.values())
    payment = data.draw(st.sampled_from(once))
    made = booked(
        payment,
        data.draw(st.sampled_from(SPELLINGS)),
        data.draw(st.integers(-SETTLES.days, SETTLES.days)),
        data.draw(st.integers(80, 120)),
    )
    assert still_coming(once, made) == tuple(one for one in once if one != payment)


@given(st.data(), schedules)
def test_a_booking_settles_one_payment_at_most_that_which_was_due_nearest(
    data: st.DataObject, coming: tuple[Payment, ...]
) -> None:
    payment = data.draw(st.sampled_from(coming))
    made = booked(payment, str, 0, data.draw(st.integers(80, 120)))
    left = list(coming)
    for one in still_coming(coming, made):
        left.remove(one)
    (gone,) = left
    assert (gone.counterparty, gone.due_on) == (payment.counterparty, payment.due_on)


@pytest.mark.parametrize(
    "other",
    [
        booking(DAY, -40_000, "Woonhuis Housing"),
        booking(DAY, 40_000),
        booking(DAY, -40_000, currency="USD"),
        booking(DAY, -81_000),
        booking(DAY, -19_000),
        booking(DAY, -24_000, scheme="card"),
        booking(DAY + SETTLES + timedelta(1), -40_000),
        booking(DAY - SETTLES - timedelta(1), -40_000),
    ],
)
def test_a_booking_of_something_else_settles_nothing(other: Booking) -> None:
    coming = (Payment(DAY, -40_000, "EUR", "Zonwind Energy"),)
    assert still_coming(coming, other) is coming
