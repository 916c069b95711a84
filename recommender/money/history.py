"""An account's own days: what moved that nobody planned, and the balance at the end of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.money.booking import Flags, Ints, Ledger

HISTORY_DAYS = 180


@dataclass(frozen=True, eq=False)
class History:
    """An account's days (d,), oldest first, in minor units.

    `moved`: net of what was unplanned; `balance`: at the end of each day.
    """

    moved: Ints
    balance: Ints

    @classmethod
    def none(cls) -> Self:
        """Of whom nothing is known yet."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64))

    @classmethod
    def of(
        cls, ledger: Ledger, planned: Sequence[Ints], *, balance_minor: int, day: int, currency: str
    ) -> Self:
        """The days before `day`, at most HISTORY_DAYS and none before the first booking.

        `planned`: the rows of `ledger` that are part of series. `balance_minor` is the balance in
        `currency` at the end of the day before; other currencies do not count.
        """
        known = np.array([one == currency for one in ledger.currencies], np.bool_)
        ours = (ledger.day < day) & known[ledger.currency] if len(ledger) else ledger.day < day
        if not ours.any():
            return cls.none()
        first = max(int(ledger.day[ours].min()), day - HISTORY_DAYS)
        ours &= ledger.day >= first
        unplanned = ours.copy()
        for rows in planned:
            unplanned[rows] = False
        moved = _by_day(ledger, ours, first, day)
        after = np.append(np.cumsum(moved[:0:-1])[::-1], 0)
        return cls(_by_day(ledger, unplanned, first, day), balance_minor - after)


def _by_day(ledger: Ledger, rows: Flags, first: int, day: int) -> Ints:
    # Sums of amounts are whole numbers far below 2 ** 53, so floats hold them exactly.
    sums = np.bincount(ledger.day[rows] - first, ledger.amount[rows], day - first)
    return np.rint(sums).astype(np.int64)
