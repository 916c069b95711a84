"""Laws of what lies ahead: made from the same, it is the same, whoever makes it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Account, Payment, pack, unpack
from recommender.alerts.life import shown
from recommender.errors import StateError
from recommender.money.ahead import (
    HORIZON_DAYS,
    STANDS_FROM_PERMILLE,
    TOLD_FROM_PERMILLE,
    Ahead,
    SignKind,
)
from recommender.money.booking import Booking
from recommender.money.finances import Finances, unpack_finances
from recommender.money.look_ahead import (
    AT_ONCE,
    Standing,
    look_ahead,
    look_ahead_each,
    looked_ahead,
)
from recommender.money.series import find_series
from recommender.money.settling import settle
from recommender.situation import facts_at
from tests.recommender.accounts import DAYS
from tests.recommender.alerts.scenes import LOOKOUT
from tests.recommender.money.paid import banked, booking, monthly, quiet

DAY = date(2026, 11, 24)
NOON = datetime.combine(DAY, time(12), UTC)
RENT_DUE, SALARY_DUE = date(2026, 11, 27), date(2026, 11, 29)


def paid(rent: int = -60_000, salary: int = 150_000) -> list[Booking]:
    """Rent in three days and the salary in five, as for ten months."""
    return [
        *monthly(date(2026, 1, 27), 10, rent, "Woonhuis Housing"),
        *monthly(date(2026, 1, 29), 10, salary, "Orchard Retail"),
    ]


def ahead(account: Account) -> Ahead:
    assert account.ahead is not None
    return account.ahead


people = st.builds(
    lambda rent, salary, balance, coming: banked(paid(rent, salary), DAY, balance, coming=coming),
    st.integers(-90_000, -1_000),
    st.integers(10_000, 200_000),
    st.none() | st.integers(-20_000, 120_000),
    st.lists(
        st.builds(
            Payment,
            st.dates(DAY, DAY + timedelta(20)),
            st.integers(-90_000, 20_000),
            st.just("EUR"),
            st.sampled_from(["Energy", "Woonhuis Housing"]),
        ),
        max_size=3,
    ).map(tuple),
)


@given(people)
def test_publishing_and_the_worker_see_the_same(account: Account) -> None:
    finances = unpack_finances(account.finances)
    published = look_ahead(account.balance_minor, DAY, account.coming, finances, "EUR")
    before = msgspec.structs.replace(account, ahead=None)
    assert looked_ahead(before, before, DAY, "EUR").ahead == published
    assert unpack(pack(account)) == account


@given(st.lists(people, max_size=4))
def test_everybody_at_once_sees_what_each_sees_alone(several: list[Account]) -> None:
    known = [
        Standing(one.balance_minor, one.coming, unpack_finances(one.finances)) for one in several
    ]
    alone = [look_ahead(one.balance_minor, DAY, one.coming, one.finances, "EUR") for one in known]
    # More than are taken at once.
    assert list(look_ahead_each(known * AT_ONCE, DAY, "EUR")) == alone * AT_ONCE


@given(people)
def test_rules_and_alerts_know_of_the_same_shortfall(account: Account) -> None:
    facts = facts_at(account, NOON, DAYS, 30)
    told = [one.kind for one in shown(account, lambda: facts, NOON, LOOKOUT)]
    assert ("shortfall_ahead" in told) == (facts.projected_shortfall is True)


@given(people)
def test_nothing_is_made_again_where_nothing_moved(account: Account) -> None:
    assert looked_ahead(account, account, DAY, "EUR") is account
    without = Account("bob", balance_minor=5)
    assert looked_ahead(without, Account("bob", balance_minor=6), DAY, "EUR") is without


@given(people, st.integers(1, 40))
def test_a_day_more_tells_what_looking_anew_tells(account: Account, days: int) -> None:
    day = DAY + timedelta(days)
    later = ahead(looked_ahead(account, account, day, "EUR"))
    anew = ahead(looked_ahead(msgspec.structs.replace(account, ahead=None), account, day, "EUR"))
    assert (later.day, later.signs, later.expected) == (day, anew.signs, anew.expected)
    if account.ahead and account.ahead.chance_permille:
        assert later.chance_permille == anew.chance_permille


def test_the_rent_before_the_salary_is_a_shortfall_and_its_day_is_told() -> None:
    short = ahead(banked(paid(), DAY, 40_000)).short(DAY, DAY + timedelta(HORIZON_DAYS))
    assert short is not None
    assert (short.begins, short.lacking_minor) == (RENT_DUE, 20_000)
    enough = ahead(banked(paid(), DAY, 70_000))
    assert enough.short(DAY, DAY + timedelta(HORIZON_DAYS)) is None
    # even if the salary never came, the rent could be paid twice
    assert ahead(banked(paid(), DAY, 130_000)).chance_permille == ()


def test_what_is_known_takes_the_place_of_what_is_expected() -> None:
    assert [one.due_on for one in ahead(banked(paid(), DAY, 0)).expected] == [RENT_DUE]
    known = (Payment(RENT_DUE + timedelta(1), -60_000, "EUR", "Woonhuis Housing"),)
    assert ahead(banked(paid(), DAY, 0, coming=known)).expected == ()


RENT, ALIMONY = "Woonhuis Housing", "Harrow Alimony"


def owing(*coming: Payment) -> Account:
    """Twice EUR 400 leaves in the next days, and there are EUR 600."""
    owed = [
        *monthly(date(2026, 1, 26), 10, -40_000, RENT),
        *monthly(date(2026, 1, 27), 10, -40_000, ALIMONY),
    ]
    return banked(owed, DAY, 60_000, coming=coming)


RENT_IS_KNOWN = Payment(date(2026, 11, 26), -40_000, "EUR", RENT)


def test_a_debit_that_is_announced_hides_none_of_another_payee_of_the_same_amount() -> None:
    for account in (owing(), owing(RENT_IS_KNOWN)):
        payees = [one.counterparty for one in ahead(account).expected]
        assert payees == [RENT, ALIMONY][len(account.coming) :]
        short = ahead(account).short(DAY, DAY + timedelta(HORIZON_DAYS))
        assert short is not None
        assert short.lacking_minor == 20_000


def test_an_announced_debit_of_which_we_were_not_sure_hides_none_of_another_payee() -> None:
    finances = unpack_finances(owing().finances)
    doubtful = Finances(
        tuple(
            msgspec.structs.replace(one, confidence=0.6) if one.counterparty == RENT else one
            for one in finances.series
        ),
        finances.spending,
    )
    seen = look_ahead(60_000, DAY, (RENT_IS_KNOWN,), doubtful, "EUR")
    assert [one.counterparty for one in seen.expected] == [ALIMONY]


def test_a_shortfall_that_was_told_stays_at_a_chance_that_would_not_raise_it() -> None:
    account = banked(paid(), DAY, 40_000)
    doubtful = (500,) * 35
    before = msgspec.structs.replace(ahead(account), chance_permille=doubtful)
    week = DAY + timedelta(HORIZON_DAYS)
    assert before.short(DAY, week) is None
    told = msgspec.structs.replace(before, from_permille=STANDS_FROM_PERMILLE)
    assert told.short(DAY, week) is not None
    again = looked_ahead(
        msgspec.structs.replace(account, balance_minor=40_001), account, DAY, "EUR"
    )
    assert ahead(again).from_permille == STANDS_FROM_PERMILLE
    enough = looked_ahead(msgspec.structs.replace(again, balance_minor=400_000), again, DAY, "EUR")
    assert ahead(enough).short(DAY, week) is None
    after = looked_ahead(msgspec.structs.replace(enough, balance_minor=400_001), enough, DAY, "EUR")
    assert ahead(after).from_permille == TOLD_FROM_PERMILLE


@pytest.mark.parametrize(
    ("bills", "more", "kind", "amount", "before"),
    [
        (10, booking(date(2026, 11, 20), -1_450), SignKind.DEARER, 1_450, 1_250),
        (10, booking(date(2026, 11, 20), -3_900), SignKind.UNUSUAL, 3_900, 1_250),
        (11, booking(date(2026, 11, 22)), SignKind.TWICE, 1_250, 0),
    ],
)
def test_a_sign_is_seen_in_all_bookings_and_in_one_more_alike(
    bills: int, more: Booking, kind: SignKind, amount: int, before: int
) -> None:
    paid = monthly(date(2026, 1, 20), bills)
    assert ahead(banked(paid, DAY, 0)).signs == ()
    (whole,) = ahead(banked([*paid, more], DAY, 0)).signs
    assert (whole.kind, whole.amount_minor, whole.before_minor) == (kind, amount, before)
    assert whole.on == more.booked_on
    finances = Finances(settle(find_series(paid, DAY), more), quiet())
    assert look_ahead(0, DAY, (), finances, "EUR").signs == (whole,)


def test_income_is_missing_once_it_is_late_and_no_more_when_it_comes() -> None:
    came = monthly(date(2026, 1, 12), 10, 150_000, "Orchard Retail")
    (sign,) = ahead(banked(came, DAY, 0)).signs
    assert (sign.kind, sign.on) == (SignKind.MISSING, date(2026, 11, 12))
    assert ahead(banked(came, date(2026, 11, 14), 0)).signs == ()
    late = booking(date(2026, 11, 23), 150_000, "Orchard Retail")
    assert ahead(banked([*came, late], DAY, 0)).signs == ()


def test_income_that_often_fails_to_come_is_no_news() -> None:
    came = monthly(date(2026, 1, 12), 10, 150_000, "Orchard Retail")
    assert ahead(banked([*came[:3], *came[4:7], *came[8:]], DAY, 0)).signs == ()


def test_finances_of_another_version_say_nothing_and_break_nothing() -> None:
    account = msgspec.structs.replace(banked(paid(), DAY, 0), finances=b"of another version")
    with pytest.raises(StateError, match="publish again"):
        unpack_finances(account.finances)
    after = looked_ahead(account, Account("ann"), DAY, "EUR")
    assert (after.ahead, after.finances) == (None, b"")


def test_without_a_balance_nothing_is_projected() -> None:
    assert ahead(banked(paid(), DAY, None)).chance_permille == ()


def test_money_of_another_currency_is_not_ahead() -> None:
    dollars = [msgspec.structs.replace(one, currency="USD") for one in paid()]
    assert ahead(banked(dollars, DAY, 0)).expected == ()


def test_a_due_day_that_a_month_does_not_have_is_its_last() -> None:
    bills = monthly(date(2027, 10, 31), 4, -5_000)
    (expected,) = ahead(banked(bills, date(2028, 2, 20), 0)).expected
    assert expected.due_on == date(2028, 2, 29)


def test_a_booking_that_the_tables_have_is_not_told_again_under_another_day() -> None:
    paid_before = monthly(date(2026, 1, 20), 11)
    series = find_series(paid_before, DAY)
    finances = Finances(series, quiet(), until=date(2026, 11, 22))
    assert finances.after(booking(date(2026, 11, 21))) is finances
    assert finances.after(booking(date(2026, 11, 23))).series[0].doubled_on == date(2026, 11, 23)
