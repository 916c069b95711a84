"""Each table's rows as the records of its accounts, as known just before an instant."""

from __future__ import annotations

from datetime import UTC
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recommender.account import Case, Contact, Holding, Payment
from recommender.catalogue import Catalogue, Memory
from recommender.events.cases import remembered
from recommender.events.contacts import CONTACTS, offer
from recommender.rules.conditions import Happening
from recommender.tables import (
    ACCOUNT_ID,
    AMOUNT_MINOR,
    AT,
    BALANCE_MINOR,
    BOOKED_ON,
    CASE_ID,
    CHANNEL,
    CLOSED_AT,
    CLOSED_ON,
    COUNTERPARTY,
    CURRENCY,
    DUE_ON,
    ENDS_ON,
    KIND,
    OPENED_AT,
    OPENED_ON,
    PRODUCT_ID,
    PROMISED_AT,
    STATUS,
    EventKind,
)
from training.accounts.columns import ByAccount, days, instants, ordered, texts
from training.snapshots.holdings import open_at
from training.snapshots.moments import positions

COMING_DAYS = 14
"""How far ahead known payments travel with the account; alerts look a week ahead."""

HAPPENS_ON: Final = {Happening.OPENED: OPENED_ON, Happening.CLOSED: CLOSED_ON}


def holdings(
    table: pd.DataFrame, catalogue: Catalogue, now: np.datetime64, count: int
) -> ByAccount[Holding]:
    """What is open, and of what has ended as much as rules ask for. What ends later is open."""
    is_open = open_at(table, np.full(len(table), now))
    ended = _ended_and_asked_for(table, catalogue.memory, now)
    rows = ordered(table[is_open | ended], OPENED_ON)
    closed = rows[CLOSED_ON].where(rows[CLOSED_ON].to_numpy() <= now.astype("datetime64[D]"))
    records = zip(
        rows[PRODUCT_ID].tolist(),
        days(rows[OPENED_ON]),
        days(closed),
        days(rows[ENDS_ON]),
        strict=True,
    )
    return ByAccount.of(rows, (Holding(*record) for record in records), count)


def _ended_and_asked_for(
    table: pd.DataFrame, memory: Memory, now: np.datetime64
) -> NDArray[np.bool_]:
    """(n,) whether each has ended and some rule looks back as far as to its beginning or end."""
    today = now.astype("datetime64[D]")
    product = table[PRODUCT_ID].to_numpy()
    ended: NDArray[np.bool_] = table[CLOSED_ON].to_numpy() <= today  # NaT never is
    asked = np.zeros(len(table), dtype=bool)
    for (happening, subject), back in memory.days.items():
        column = HAPPENS_ON.get(happening)
        if column is not None:
            ago = (today - table[column].to_numpy().astype("datetime64[D]")).astype(np.float64)
            asked |= (product == subject) & (ago <= back)
    return ended & asked


def contacts(
    events: pd.DataFrame, catalogue: Catalogue, now: np.datetime64, count: int
) -> ByAccount[Contact]:
    """Offers shown and answers to them, while they count against the budget or rest; and the last
    one shown, where rules ask when that was.
    """
    known = (events[AT].to_numpy() < now) & events[KIND].isin(list(CONTACTS)).to_numpy()
    told = events[known & events[PRODUCT_ID].notna().to_numpy()]
    counted_from = now - np.timedelta64(catalogue.contact.counted_days, "D")
    rows = ordered(told, AT)
    kept = rows[AT].to_numpy() >= counted_from
    if catalogue.memory.reach(Happening.CONTACT) >= 0:
        kept |= _last_shown(rows)
    rows = rows[kept]
    records = zip(
        rows[KIND].tolist(),
        instants(rows[AT]),
        rows[PRODUCT_ID].tolist(),
        rows[CHANNEL].tolist(),
        strict=True,
    )
    made = (
        Contact(CONTACTS[kind], instant, offer(product), product, channel)
        for kind, instant, product, channel in records
    )
    return ByAccount.of(rows, made, count)


def _last_shown(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """(n,) whether each is the last that its account was shown; the rows ascend by instant."""
    shown = np.flatnonzero((rows[KIND] == EventKind.IMPRESSION).to_numpy())
    owner = positions(rows[ACCOUNT_ID])[shown]
    last = np.zeros(len(rows), dtype=bool)
    last[shown[np.append(owner[1:] != owner[:-1], True)[: len(owner)]]] = True
    return last


def cases(
    table: pd.DataFrame, catalogue: Catalogue, now: np.datetime64, count: int
) -> list[tuple[Case, ...]]:
    """By account: the open ones, and of those closed as many as events may still be about or rules
    ask for. What is closed later is open.
    """
    rows = ordered(table[table[OPENED_AT].to_numpy() < now], OPENED_AT)
    closed = rows[CLOSED_AT].where(rows[CLOSED_AT].to_numpy() <= now)
    records = zip(
        rows[CASE_ID].tolist(),
        rows[KIND].tolist(),
        rows[STATUS].tolist(),
        instants(rows[OPENED_AT]),
        instants(rows[PROMISED_AT]),
        instants(closed),
        strict=True,
    )
    at = now.astype("datetime64[us]").item().replace(tzinfo=UTC)
    own = ByAccount.of(rows, (Case(*record) for record in records), count)
    return [remembered(some, at, catalogue.memory) for some in own]


def balances(
    transactions: pd.DataFrame, catalogue: Catalogue, now: np.datetime64, count: int
) -> list[int | None]:
    """The balance after each account's last booking that states one."""
    booked = transactions[BOOKED_ON].to_numpy()
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


def coming(
    payments: pd.DataFrame, catalogue: Catalogue, now: np.datetime64, count: int
) -> ByAccount[Payment]:
    due = payments[DUE_ON].to_numpy()
    today = now.astype("datetime64[D]")
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
