"""Bookings for tests."""

from __future__ import annotations

from datetime import date, timedelta

from recommender.money.booking import Booking
from recommender.money.history import History
from recommender.money.peers import SHARES, Peers
from recommender.money.spending import Spending, learn_spending
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


def quiet() -> Spending:
    """Someone who spends nothing besides."""
    nothing = (0.0,) * len(SHARES)
    peers = Peers(1.0, nothing, nothing, reversion=0.0, surprise=0.0)
    return learn_spending(History.none(), peers, balance_minor=0)
