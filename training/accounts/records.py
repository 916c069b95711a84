"""Money: the balance after the last booking, and the payments ahead."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recommender.account import Payment
from recommender.catalogue import Catalogue
from recommender.tables import (
    ACCOUNT_ID,
    AMOUNT_MINOR,
    BALANCE_MINOR,
    BOOKED_ON,
    COUNTERPARTY,
    CURRENCY,
    DUE_ON,
)
from training.accounts.clock import now_on_the_wall
from training.accounts.columns import ByAccount, days, ordered, texts
from training.snapshots.moments import positions

Days = NDArray[np.int64]

NEVER: Final = np.iinfo(np.int64).min
"""The day that is NaT."""

COMING_DAYS = 14
"""How far ahead known payments travel with the account; alerts look a week ahead."""


class Booked:
    """By account, what its last bookings say; told of the bookings piece by piece.

    Only those in the catalogue's currency that were booked before `at` on the bank's clock.
    """

    def __init__(self, catalogue: Catalogue, at: datetime) -> None:
        self._currency = catalogue.currency
        self._until = now_on_the_wall(instant(at), catalogue)
        self._last = self._stated = np.empty(0, np.int64)
        self._balance = np.empty(0, np.int64)

    def add(self, transactions: pd.DataFrame) -> None:
        """Some rows of the table, in its order, with all accounts as categories."""
        if not len(self._last):
            count = len(transactions[ACCOUNT_ID].cat.categories)
            self._last, self._stated = np.full(count, NEVER), np.full(count, NEVER)
            self._balance = np.zeros(count, np.int64)
        booked = transactions[BOOKED_ON].to_numpy()
        usable = booked < self._until
        usable &= (transactions[CURRENCY] == self._currency).to_numpy()
        owner = positions(transactions[ACCOUNT_ID])
        day = booked.astype("datetime64[D]").astype(np.int64)
        np.maximum.at(self._last, owner[usable], day[usable])
        minor = transactions[BALANCE_MINOR]
        self._state(np.flatnonzero(usable & minor.notna().to_numpy()), owner, day, minor)

    def _state(self, rows: Days, owner: Days, day: Days, minor: pd.Series) -> None:
        owner, day = owner[rows], day[rows]
        # One key, and a sort for which bookings that lie in order already cost next to nothing.
        first = day.min(initial=0)
        order = np.argsort(owner * (day.max(initial=0) - first + 1) + day - first, kind="stable")
        owner, day = owner[order], day[order]
        last = np.append(owner[1:] != owner[:-1], True)[: len(order)]
        last &= day >= self._stated[owner]
        self._stated[owner[last]] = day[last]
        balance = minor.iloc[rows[order[last]]].to_numpy(dtype=np.int64)
        self._balance[owner[last]] = balance

    @property
    def balances(self) -> list[int | None]:
        """The balance after each account's last booking that states one."""
        stated = (self._stated != NEVER).tolist()
        known = zip(self._balance.tolist(), stated, strict=True)
        return [minor if one else None for minor, one in known]

    @property
    def until(self) -> list[date | None]:
        """The day of each account's last booking: what events tell of it and before is known."""
        found: list[date | None] = self._last.astype("datetime64[D]").tolist()
        return found


def instant(at: datetime) -> np.datetime64:
    """An aware instant as the tables have them: naive, UTC."""
    return np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us")


def coming(
    payments: pd.DataFrame, catalogue: Catalogue, now: np.datetime64, count: int
) -> ByAccount[Payment]:
    due = payments[DUE_ON].to_numpy()
    today = now_on_the_wall(now, catalogue).astype("datetime64[D]")
    soon = (due >= today) & (due <= today + np.timedelta64(COMING_DAYS, "D"))
    rows = ordered(payments[soon & (payments[CURRENCY] == catalogue.currency)], DUE_ON)
    records = zip(
        days(rows[DUE_ON]),
        rows[AMOUNT_MINOR].tolist(),
        rows[CURRENCY].tolist(),
        texts(rows[COUNTERPARTY]),
        strict=True,
    )
    return ByAccount.of(rows, (Payment(*record) for record in records), count)
