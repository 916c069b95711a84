"""A bucket of accounts is worked as each account would be alone."""

from __future__ import annotations

from datetime import date

import msgspec
import numpy as np
import pandas as pd
import pytest

from recommender.account import Payment
from recommender.money.booking import Booking
from recommender.money.peers import SHARES, Peers
from recommender.money.series import find_series
from tests.recommender.bank import bank
from training.money import finances_of, peers_of
from training.world import generate

UNTIL = date(2026, 11, 23)
FLAT = (0.0,) * len(SHARES)
PEERS = Peers(0.7, FLAT, FLAT)


def transactions() -> pd.DataFrame:
    return generate(bank(), accounts=40, months=12, seed=5, until=UNTIL).transactions


def bookings(rows: pd.DataFrame) -> list[Booking]:
    columns = (
        rows[name].tolist() for name in ("amount_minor", "currency", "counterparty", "scheme")
    )
    days = rows["booked_on"].to_numpy().astype("datetime64[D]").tolist()
    return [Booking(day, *rest) for day, *rest in zip(days, *columns, strict=True)]


def test_a_bucket_says_what_each_account_says_alone() -> None:
    table = transactions()
    seen = 0
    for one in finances_of(table, UNTIL, "EUR", PEERS):
        own = table[table["account_id"] == one.account_id]
        assert one.series == find_series(bookings(own), date(2026, 11, 22))
        assert one.balance_minor == own["balance_minor"].iloc[-1]
        seen += len(one.series)
    assert seen > 200


def test_doubled_rows_and_their_order_change_nothing() -> None:
    table = transactions()
    told = pd.concat([table, table[::3]]).sample(frac=1, random_state=1)
    # Of one day, the last row says the balance; which that is, a shuffled table does not tell.
    told, table = (one.assign(balance_minor=100_000) for one in (told, table))
    assert list(finances_of(told, UNTIL, "EUR", PEERS)) == list(
        finances_of(table, UNTIL, "EUR", PEERS)
    )


def charged_twice(balances: list[int | None]) -> list[date | None]:
    """When each series was doubled, of a debit that each month has, and the last as many times as
    there are `balances`.
    """
    days = [date(2026, month, 3) for month in range(1, 11)] + [date(2026, 11, 3)] * len(balances)
    table = pd.DataFrame(
        {
            "account_id": "a",
            "booked_on": pd.to_datetime(pd.Series(days)),
            "amount_minor": -1_250,
            "currency": "EUR",
            "counterparty": "Zonwind Energy",
            "scheme": "direct_debit",
            "balance_minor": pd.array([*range(10), *balances], dtype="Int64"),
        }
    )
    (one,) = finances_of(table, UNTIL, "EUR", PEERS)
    return [series.doubled_on for series in one.series]


@pytest.mark.parametrize("balances", [[500], [500, 500], [None, None], [500, None], [None, 500]])
def test_one_row_told_again_is_one_booking(balances: list[int | None]) -> None:
    assert charged_twice(balances) == [None]


@pytest.mark.parametrize("balances", [[500, -750], [None, -750, 500]])
def test_rows_with_two_balances_are_two_bookings(balances: list[int | None]) -> None:
    assert charged_twice(balances) == [date(2026, 11, 3)]


def test_what_travels_with_an_account_is_small() -> None:
    sizes = [
        len(msgspec.msgpack.encode((one.series, one.spending)))
        for one in finances_of(transactions(), UNTIL, "EUR", PEERS)
    ]
    assert np.mean(sizes) < 3_500


def test_of_nobody_nothing_is_said() -> None:
    nobody = transactions().iloc[:0]
    assert list(finances_of(nobody, UNTIL, "EUR", PEERS)) == []
    peers = peers_of(nobody, UNTIL, "EUR")
    assert (peers.quiet, peers.announced) == (1.0, 0.0)


def test_a_bank_that_announces_its_debits_is_known_to() -> None:
    world = generate(bank(), accounts=60, months=8, seed=5, until=UNTIL)
    plans = world.scheduled_payments
    due = plans["due_on"].to_numpy().astype("datetime64[D]").tolist()
    names = ("account_id", "amount_minor", "currency", "counterparty")
    coming: dict[str, list[Payment]] = {}
    for on, who, *rest in zip(due, *(plans[name].tolist() for name in names), strict=True):
        coming.setdefault(who, []).append(Payment(on, *rest))
    assert peers_of(world.transactions, UNTIL, "EUR", coming).announced > 0.9
    assert peers_of(world.transactions, UNTIL, "EUR").announced == 0
