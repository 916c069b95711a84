"""Payments in the order in which they are booked, with the balance that runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from training.world.draws import Codes, Flags, Rows
from training.world.flows import Flow
from training.world.window import Days, Window

Minor = NDArray[np.int64]
"""Amounts in minor units (cents); negative goes out."""

NO_PURPOSE = -1
NO_SERIES = -1


@dataclass(frozen=True)
class Payments:
    """(m,) each: `month` counts calendar months, `payee` and `purpose` are codes.

    `series` numbers what recurs: the same person and the same flow; NO_SERIES does not recur.
    """

    person: Rows
    month: Codes
    day: Days
    amount: Minor
    payee: NDArray[np.int16]
    scheme: Codes
    purpose: Codes
    series: Rows

    def __len__(self) -> int:
        return len(self.person)

    def where(self, keep: Flags | Rows) -> Payments:
        """Some of the payments, or all in another order."""
        return Payments(*(getattr(self, one.name)[keep] for one in fields(self)))


@dataclass(frozen=True)
class Presence:
    """The days [first, end) on which each person's money goes through this bank."""

    first: Days
    end: Days

    def covers(self, person: Rows, day: Days) -> Flags:
        inside: Flags = (day >= self.first[person]) & (day < self.end[person])
        return inside


def calendar_months(window: Window, ahead_days: int) -> Days:
    """First days of the calendar months the window touches, those `ahead_days` on, and the next."""
    epoch = date(1970, 1, 1)
    day = (epoch + timedelta(days=window.start)).replace(day=1)
    firsts: list[int] = []
    while not firsts or firsts[-1] < window.until + ahead_days:
        firsts.append((day - epoch).days)
        day = (day + timedelta(days=32)).replace(day=1)
    return np.array(firsts, dtype=np.int32)


def recurring(flows: Sequence[Flow], purposes: Sequence[str], firsts: Days) -> Payments:
    """One payment for each flow, person and calendar month in which it is active.

    Flow f of person p of n is series f * n + p.
    """
    parts = []
    for number, flow in enumerate(flows):
        month, person = np.nonzero(flow.active)
        parts.append(
            Payments(
                person,
                month.astype(np.int8),
                (firsts[month] + flow.day_of_month[person] - 1).astype(np.int32),
                flow.amount[month, person].astype(np.int64),
                flow.payee[person],
                np.full(len(person), flow.scheme, np.int8),
                np.full(len(person), purposes.index(flow.purpose), np.int8),
                number * flow.active.shape[1] + person,
            )
        )
    return joined(parts)


def joined(parts: Sequence[Payments]) -> Payments:
    """All payments of `parts`, one part after the other."""
    return Payments(
        *(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Payments))
    )


def in_order(payments: Payments, window: Window) -> Payments:
    """Sorted by person and day; within a day the given order stays."""
    span = window.until - window.start + 1
    key = payments.person * span + (payments.day - window.start)
    return payments.where(np.argsort(key, kind="stable"))


def running_balance(payments: Payments, opening: Minor) -> Minor:
    """The balance after each of `payments`, which are in order; `opening` (n,) is before the first.

    >>> two = [np.array([0, 0, 1]), *[np.zeros(3, int)] * 2, np.array([-5, 20, 7]), *[None] * 4]
    >>> running_balance(Payments(*two), np.array([100, 1])).tolist()
    [95, 115, 8]
    """
    total = np.cumsum(payments.amount)
    starts = np.flatnonzero(np.diff(payments.person, prepend=-1))
    before = total[starts] - payments.amount[starts]
    rows = np.diff(np.append(starts, len(payments)))
    balance: Minor = total + np.repeat(opening[payments.person[starts]] - before, rows)
    return balance
