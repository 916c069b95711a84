"""The balance ahead: a distribution that is one, and that moves with what it is told."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Payment
from recommender.money.booking import Ledger, day_number
from recommender.money.draws import MOST_DAYS
from recommender.money.history import History
from recommender.money.outlook import Outlook, Outset, project, project_each
from recommender.money.peers import SHARES, Peers, learn_peers
from recommender.money.series import find_series
from recommender.money.spending import Spending, learn_spending
from tests.recommender.money.paid import booking, monthly, quiet

DAY = date(2025, 12, 1)
SHARE = st.floats(0.01, 0.99)
MINOR = st.integers(-(10**7), 10**7)


def spender(days: int = 120) -> Spending:
    random = np.random.default_rng(3)
    moved = np.where(random.random(days) < 0.3, -random.integers(500, 9_000, days), 0)
    history = History(moved, 150_000 + np.cumsum(moved + 900))
    return learn_spending(history, learn_peers([history]), balance_minor=150_000)


@given(MINOR, SHARE, SHARE)
def test_quantiles_ascend(balance: int, one: float, other: float) -> None:
    told = project(balance, DAY, (), (), spender(), 14).quantiles(sorted((one, other)))
    assert (told[:, 0] <= told[:, 1]).all()


@given(MINOR, MINOR, MINOR)
def test_chances_are_chances_and_grow_with_the_limit(balance: int, one: int, other: int) -> None:
    outlook = project(balance, DAY, (), (), spender(), 14)
    low, high = (outlook.below(limit) for limit in sorted((one, other)))
    assert (low >= 0).all()
    assert (high <= 1).all()
    assert (low <= high).all()
    ever = outlook.ever_below(one)
    assert (np.diff(ever) >= 0).all()
    assert (ever >= outlook.below(one) - 1e-12).all()
    assert (outlook.shortfall(one) >= 0).all()


@given(MINOR, st.integers(1, 10**6))
def test_more_money_is_never_a_worse_outlook_for_who_spends_nothing(
    balance: int, more: int
) -> None:
    due = (Payment(DAY + timedelta(days=3), -20_000, "EUR", "Landlord"),)
    poor, rich = (project(now, DAY, due, (), quiet(), 7) for now in (balance, balance + more))
    assert (poor.below(0) >= rich.below(0)).all()


def test_equal_inputs_give_equal_outlooks() -> None:
    first, second = (project(50_000, DAY, (), (), spender()) for _ in range(2))
    assert np.array_equal(first.paths, second.paths)


rents = st.builds(
    lambda day, amount: find_series(
        monthly(date(2025, 1, day), 11, -amount, "Kamer & Co"), date(2025, 11, 30)
    ),
    st.integers(1, 28),
    st.integers(1, 10**5),
)
spendings = st.builds(
    lambda quiet, thrift, least: msgspec.structs.replace(
        spender(), quiet=quiet, thrift=thrift, sizes=tuple(range(least, least + 17_000, 1_000))
    ),
    st.floats(0, 1),
    st.sampled_from([0.0, 1.0, 2.0]) | st.floats(0, 2),
    st.integers(-20_000, 0),
)
payments = st.lists(
    st.builds(
        Payment,
        st.dates(DAY, DAY + timedelta(days=20)),
        st.integers(-90_000, 20_000),
        st.just("EUR"),
        st.sampled_from(["Kamer & Co", "Other"]),
    ),
    max_size=2,
)
outsets = st.lists(st.builds(Outset, MINOR, payments, rents, spendings), max_size=4)


@given(outsets)
def test_an_outlook_is_the_same_to_the_last_bit_alone_or_among_others(
    several: list[Outset],
) -> None:
    for one, among in zip(several, project_each(several, DAY, 14), strict=True):
        alone = project(one.balance_minor, DAY, *one[1:4], 14)
        assert np.array_equal(alone.paths, among.paths)


def expected(outlook: Outlook) -> list[int]:
    return [round(middle) for middle in outlook.quantiles([0.5])[:, 0].tolist()]


def test_a_known_payment_takes_the_place_of_the_one_expected() -> None:
    series = find_series(monthly(date(2025, 1, 5), 11, -40_000, "Kamer & Co"), date(2025, 11, 30))
    alone = project(100_000, DAY, (), series, quiet(), 10)
    known = (Payment(date(2025, 12, 6), -41_500, "EUR", "KAMER & CO"),)
    both = project(100_000, DAY, known, series, quiet(), 10)
    assert expected(alone)[-1] == 60_000
    assert expected(both) == [100_000] * 5 + [58_500] * 5


def test_a_known_payment_to_another_takes_no_place() -> None:
    series = find_series(monthly(date(2025, 1, 5), 11, -40_000, "Kamer & Co"), date(2025, 11, 30))
    known = (Payment(date(2025, 12, 6), -12_000, "EUR", "Museum Card"),)
    assert expected(project(100_000, DAY, known, series, quiet(), 10))[-1] == 48_000


def test_income_lifts_the_balance_on_its_day() -> None:
    paid = [booking(one.booked_on, 250_000, "Harrow") for one in monthly(date(2025, 1, 25), 11)]
    outlook = project(10_000, DAY, (), find_series(paid, date(2025, 11, 30)), quiet())
    middle = expected(outlook)
    assert (middle[23], middle[24]) == (10_000, 260_000)


def test_a_short_history_is_shrunk_towards_peers_and_a_long_one_is_not() -> None:
    wide = tuple(np.linspace(-9_000, 0, len(SHARES)).tolist())
    peers = Peers(0.2, wide, wide, surprise=0.0)
    none = learn_spending(History.none(), peers, balance_minor=0)
    assert none.quiet == pytest.approx(0.2)
    own = History(np.zeros(180, np.int64), np.full(180, 5_000))
    assert learn_spending(own, peers, balance_minor=5_000).quiet > 0.75
    few = History(own.moved[:10], own.balance[:10])
    assert learn_spending(few, peers, balance_minor=5_000).quiet < 0.4


def test_history_counts_back_from_the_balance_in_one_currency() -> None:
    ledger = Ledger.of(
        [
            booking(date(2025, 11, 20), -500),
            booking(date(2025, 11, 28), -300, "Other"),
            booking(date(2025, 11, 28), -9_999, "Other", currency="USD"),
        ]
    )
    history = History.of(ledger, [], balance_minor=1_000, day=day_number(DAY), currency="EUR")
    assert history.balance.tolist() == [1_300] * 8 + [1_000] * 3
    assert history.moved.tolist() == [-500] + [0] * 7 + [-300, 0, 0]


def test_an_account_without_bookings_has_an_outlook() -> None:
    history = History.of(Ledger.of([]), [], balance_minor=0, day=day_number(DAY), currency="EUR")
    spending = learn_spending(history, learn_peers([history]), balance_minor=4_200)
    assert expected(project(4_200, DAY, (), (), spending, 5)) == [4_200] * 5


@pytest.mark.parametrize("days", [0, MOST_DAYS + 1])
def test_an_impossible_horizon_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match="1 to 92 days"):
        project(0, DAY, (), (), quiet(), days)


def test_what_a_bank_announces_and_did_not_announce_is_unlikely_to_come() -> None:
    series = find_series(monthly(date(2025, 1, 5), 11, -40_000, "Kamer & Co"), date(2025, 11, 30))
    announcing = msgspec.structs.replace(quiet(), announced=0.95)
    until = DAY + timedelta(days=14)
    told = project(30_000, DAY, (), series, announcing, 10, until)
    assert told.below(0)[-1] < 0.1
    for spending, known_until in ((quiet(), until), (announcing, date.min), (announcing, DAY)):
        outlook = project(30_000, DAY, (), series, spending, 10, known_until)
        assert outlook.below(0)[-1] > 0.8


def test_an_announced_debit_that_is_a_day_late_is_still_expected() -> None:
    series = find_series(monthly(date(2025, 1, 30), 10, -40_000, "Kamer & Co"), date(2025, 11, 30))
    announcing = msgspec.structs.replace(quiet(), announced=0.95)
    outlook = project(30_000, DAY, (), series, announcing, 10, DAY + timedelta(days=14))
    assert 0.4 < outlook.below(0)[-1] < 0.8


@given(MINOR, st.floats(0, 1), st.integers(0, 10**7))
def test_holding_back_brings_no_money(balance: int, reversion: float, level: int) -> None:
    spends = msgspec.structs.replace(
        spender(), sizes=(-5_000,) * len(SHARES), reversion=reversion, level_minor=level
    )
    paths = project(balance, DAY, (), (), spends, 14).paths
    assert (np.diff(paths, axis=0) <= 0).all()


def test_what_there_usually_is_counts_only_while_there_is_something() -> None:
    random = np.random.default_rng(4)
    moved = np.where(random.random(150) < 0.4, -random.integers(3_000, 8_000, 150), 0)
    overdrawn = History(moved, np.where(np.arange(150) % 30 < 9, 40_000, -90_000))
    peers = msgspec.structs.replace(learn_peers([overdrawn]), thrift=1.0, reversion=0.0)
    spending = learn_spending(overdrawn, peers, balance_minor=20_000)
    assert spending.level_minor < 0
    assert 10_000 < spending.purse_minor < 20_000
    # With a usual balance of next to nothing, this would be three times as much as usual.
    never_full = msgspec.structs.replace(spending, purse_minor=1)
    chance, other = (
        project(20_000, DAY, (), (), one, 3).below(0)[-1] for one in (spending, never_full)
    )
    assert chance < 0.8 * other
