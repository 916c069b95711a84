"""Money: the balance after the last booking, and the payments ahead."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

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

COMING_DAYS = 14
"""How far ahead known payments travel with the account; alerts look a week ahead."""


def balances(
    transactions: pd.DataFrame, catalogue: Catalogue, now: np.datetime64, count: int
) -> list[int | None]:
    """The balance after each account's last booking that states one."""
    booked, now = transactions[BOOKED_ON].to_numpy(), now_on_the_wall(now, catalogue)
    usable = np.flatnonzero(
        (booked < now)
        & transactions[BALANCE_MINOR].notna().to_numpy()
        & (transactions[CURRENCY] == catalogue.currency).to_numpy()
    )
    owner = positions(transactions[ACCOUNT_ID])[usable]
    day = booked[usable].astype("datetime64[D]").astype(np.int64)
    first = day.min(initial=0)
    # One key, and a sort for which bookings that lie in order already cost next to nothing.
    key = owner * (day.max(initial=0) - first + 1) + day - first
    order = np.argsort(key, kind="stable")
    owner = owner[order]
    last = np.append(owner[1:] != owner[:-1], True)[: len(order)]
    balance = transactions[BALANCE_MINOR].to_numpy(dtype=np.int64, na_value=0)[usable[order[last]]]
    known: list[int | None] = [None] * count
    for account, minor in zip(owner[last].tolist(), balance.tolist(), strict=True):
        known[account] = minor
    return known


def booked_until(
    transactions: pd.DataFrame, catalogue: Catalogue, now: np.datetime64, count: int
) -> list[date | None]:
    """The day of each account's last booking: what events tell of it and the days before is known.

    In the catalogue's currency, as all that events tell of bookings.
    """
    booked = transactions[BOOKED_ON].to_numpy()
    usable = np.flatnonzero(
        (booked < now_on_the_wall(now, catalogue))
        & (transactions[CURRENCY] == catalogue.currency).to_numpy()
    )
    never = np.iinfo(np.int64).min  # which is NaT, and so None
    last = np.full(count, never)
    day = booked[usable].astype("datetime64[D]").astype(np.int64)
    np.maximum.at(last, positions(transactions[ACCOUNT_ID])[usable], day)
    known: list[date | None] = last.astype("datetime64[D]").tolist()
    return known


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
