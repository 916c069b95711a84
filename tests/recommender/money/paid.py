"""Bookings for tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from recommender.account import Account
from recommender.money.booking import Booking
from recommender.money.finances import Finances, pack_finances
from recommender.money.history import History
from recommender.money.look_ahead import looked_ahead
from recommender.money.peers import SHARES, Peers
from recommender.money.series import find_series
from recommender.money.spending import Spending, learn_spending
from tests.recommender.bank import bank
from training.world.window import shifted

DAY_PAID = date(2025, 11, 20)


def monthly(
    first: date, count: int, amount: int = -1_250, to: str = "Zonwind Energy"
) -> list[Booking]:
    """The same day of each month, or its last day where a month is too short."""
    return [booking(shifted(first, number), amount, to) for number in range(count)]


def every(days: int, first: date, count: int, amount: int = -1_250) -> list[Booking]:
    return [booking(first + timedelta(days=days * number), amount) for number in range(count)]


def booking(
    on: date,
    amount: int = -1_250,
    to: str = "Zonwind Energy",
    *,
    currency: str = "EUR",
    scheme: str = "direct_debit",
) -> Booking:
    return Booking(on, amount, currency, to, scheme)


def days_paid(bookings: Iterable[Booking]) -> list[date]:
    return sorted(one.booked_on for one in bookings)


def banked(
    bookings: Iterable[Booking], day: date, balance_minor: int | None, **changes: Any
) -> Account:
    """Somebody who spends nothing besides, published on `day`."""
    series = find_series(bookings, day - timedelta(1))
    finances = Finances(tuple(one for one in series if not one.ended), quiet())
    account = Account(
        "ann",
        balance_minor=balance_minor,
        finances=pack_finances(finances),
        declares=bank().declares,
        **changes,
    )
    return looked_ahead(account, account, day, "EUR")


def quiet() -> Spending:
    """Someone who spends nothing besides."""
    nothing = (0.0,) * len(SHARES)
    peers = Peers(1.0, nothing, nothing, reversion=0.0, surprise=0.0)
    return learn_spending(History.none(), peers, balance_minor=0)
