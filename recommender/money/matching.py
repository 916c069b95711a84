"""Which payment is which: one that is known is one execution of a series, and one booking, at most.

Both are decided alike: by the payee under any of its names, the day, and roughly the amount.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from recommender.account import Payment
from recommender.money.booking import Booking
from recommender.money.names import same_payee
from recommender.money.price import unlike
from recommender.money.rhythm import LENGTH
from recommender.money.series import Series
from recommender.money.streams import STEP

MOST_UNLIKE: Final = 2
"""A payment may be so many times what its payee was to be paid, or that part of it."""

SETTLES: Final = timedelta(days=5)
"""A booking settles the payment that was due so many days before or after it, at most."""


class _Pair(NamedTuple):
    """A payment (by number) and the execution that it may be; the lowest pair is the likeliest."""

    kind: int
    days_apart: int
    unlike: float
    due: date
    row: int
    payment: int


def announced(series: Sequence[Series], known: Iterable[Payment]) -> frozenset[tuple[int, date]]:
    """The executions that known payments are, as rows of `series` and due days.

    One to one, the likeliest first: of its own payee and amount, then of its own payee, and of what
    is nearest in days. By its amount alone a payment is known only where its payee has no series at
    all, for banks may call a payee otherwise before a debit than after it. The order of `known`
    makes no difference.
    """
    payments = sorted(known, key=lambda one: (one.due_on, one.counterparty, one.amount_minor))
    told: set[int] = set()
    executions: set[tuple[int, date]] = set()
    for pair in sorted(_pairs(series, payments)):
        execution = (pair.row, pair.due)
        if pair.payment not in told and execution not in executions:
            told.add(pair.payment)
            executions.add(execution)
    return frozenset(executions)


def _pairs(series: Sequence[Series], payments: Sequence[Payment]) -> Iterator[_Pair]:
    for number, payment in enumerate(payments):
        own = [
            row
            for row, one in enumerate(series)
            if same_payee(one.counterparty, payment.counterparty)
        ]
        for row in own or range(len(series)):
            one = series[row]
            equal = payment.amount_minor == one.amount_minor
            if not _moves_as(payment, one) or not (equal or own):
                continue
            differs = unlike(payment.amount_minor, one.amount_minor)
            if differs > math.log(MOST_UNLIKE):
                continue
            kind = (0 if equal else 1) if own else 2
            reach = timedelta(days=LENGTH[one.rhythm.period] / 2)
            for due in one.due_until(payment.due_on + reach):
                apart = abs(payment.due_on - due)
                if apart < reach:
                    yield _Pair(kind, apart.days, differs, due, row, number)


def still_coming(coming: tuple[Payment, ...], booking: Booking) -> tuple[Payment, ...]:
    """`coming` without the payment that `booking` is, if it is one: of its payee that which was due
    on the nearest day, of several that of the nearest amount. The same tuple if there is none.
    """
    fitting = [place for place, payment in enumerate(coming) if _settles(booking, payment)]
    if not fitting:
        return coming
    place = min(
        fitting,
        key=lambda at: (
            abs(coming[at].due_on - booking.booked_on),
            unlike(booking.amount_minor, coming[at].amount_minor),
        ),
    )
    return (*coming[:place], *coming[place + 1 :])


def _settles(booking: Booking, payment: Payment) -> bool:
    most = STEP if booking.scheme == "card" else MOST_UNLIKE  # shops are paid what was bought
    return (
        _moves_as(payment, booking)
        and abs(payment.due_on - booking.booked_on) <= SETTLES
        and unlike(booking.amount_minor, payment.amount_minor) <= math.log(most)
        and same_payee(booking.counterparty, payment.counterparty)
    )


def _moves_as(payment: Payment, other: Series | Booking) -> bool:
    """Whether both come or both go, in one currency."""
    comes = payment.amount_minor > 0
    return payment.currency == other.currency and comes == (other.amount_minor > 0)
