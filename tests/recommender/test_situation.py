"""An account as it stands: ages turn on birthdays, balances follow known payments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Account, Case, Holding, Payment
from recommender.money.ahead import HORIZON_DAYS
from recommender.situation import facts_at, lowest_balance
from recommender.years import full_years
from tests.recommender.accounts import DAYS

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = AT.date()


def account(**known: object) -> Account:
    return Account("a", **known)  # type: ignore[arg-type]  # what a test knows of the account


def coming(*moves: tuple[int, int]) -> tuple[Payment, ...]:
    return tuple(Payment(TODAY + timedelta(d), amount, "EUR", "x") for d, amount in moves)


@given(st.dates(date(1920, 1, 1), date(2020, 1, 1)), st.integers(0, 100))
def test_one_is_a_year_older_on_each_birthday_and_not_a_day_before(born: date, age: int) -> None:
    leap = (born.month, born.day) == (2, 29)
    birthday = date(born.year + age, 3, 1) if leap else born.replace(year=born.year + age)
    if leap and age % 4 == 0 and birthday.year not in {1900, 2100}:
        birthday = date(born.year + age, 2, 29)
    assert full_years(born, birthday) == age
    assert full_years(born, birthday - timedelta(days=1)) == age - 1


def test_what_is_unknown_is_absent() -> None:
    facts = facts_at(Account.unknown("a"), AT, DAYS, 14)
    assert facts.values == {}
    assert facts.projected_shortfall is None


def test_only_open_holdings_and_open_cases_count() -> None:
    facts = facts_at(
        account(
            holdings=(
                Holding("savings", TODAY),
                Holding("loan", TODAY - timedelta(9), TODAY),
                Holding("mortgage", TODAY + timedelta(1)),
            ),
            cases=(
                Case("1", "complaint", "open", AT - timedelta(days=1)),
                Case("2", "order", "closed", AT - timedelta(days=2), closed_at=AT),
            ),
        ),
        AT,
        DAYS,
        14,
    )
    assert facts.holds == {"savings"}
    assert facts.open_cases == {"complaint"}


@pytest.mark.parametrize(
    ("balance", "moves", "short"),
    [
        (100, [(3, -101)], True),
        (100, [(3, -100)], False),
        (100, [(3, -150), (3, 80)], False),  # the salary of the same day covers it
        (100, [(3, -150), (4, 80)], True),  # a day late is short all the same
        (100, [(HORIZON_DAYS + 1, -500)], False),
        (100, [(-1, -500)], False),
    ],
)
def test_a_shortfall_is_a_balance_below_zero_at_the_end_of_a_day_within_the_horizon(
    balance: int, moves: list[tuple[int, int]], *, short: bool
) -> None:
    facts = facts_at(account(balance_minor=balance, coming=coming(*moves)), AT, DAYS, 14)
    assert facts.projected_shortfall is short


@given(
    st.integers(-1000, 1000),
    st.lists(st.tuples(st.integers(0, HORIZON_DAYS), st.integers(-500, 500)), min_size=1),
)
def test_the_lowest_balance_does_not_depend_on_the_order_of_payments(
    balance: int, moves: list[tuple[int, int]]
) -> None:
    one = account(balance_minor=balance, coming=coming(*moves))
    other = account(balance_minor=balance, coming=coming(*reversed(moves)))
    assert lowest_balance(one, TODAY) == lowest_balance(other, TODAY)
