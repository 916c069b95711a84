"""Each table's rows as the records of its accounts, as known just before an instant."""

from __future__ import annotations

import numpy as np
import pandas as pd

from recommender.account import Case, Contact, Holding, Payment
from recommender.catalogue import Catalogue
from recommender.events.contacts import CONTACTS, offer
from recommender.tables import (
    ACCOUNT_ID,
    AMOUNT_MINOR,
    AT,
    BALANCE_MINOR,
    BOOKED_ON,
    CASE_ID,
    CHANNEL,
    CLOSED_AT,
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
)
from training.accounts.columns import ByAccount, days, instants, ordered, texts
from training.snapshots.holdings import open_at
from training.snapshots.moments import positions

COMING_DAYS = 14
"""How far ahead known payments travel with the account; alerts look a week ahead."""


def holdings(table: pd.DataFrame, now: np.datetime64, count: int) -> ByAccount[Holding]:
    """What is open; what has ended says nothing that rules or features ask for."""
    rows = ordered(table[open_at(table, np.full(len(table), now))], OPENED_ON)
    records = zip(
        rows[PRODUCT_ID].tolist(), days(rows[OPENED_ON]), days(rows[ENDS_ON]), strict=True
    )
    made = (Holding(product, day, ends_on=ends) for product, day, ends in records)
    return ByAccount.of(rows, made, count)


def contacts(
    events: pd.DataFrame, catalogue: Catalogue, now: np.datetime64, count: int
) -> ByAccount[Contact]:
    """Offers shown and answers to them, while they count against the budget or rest."""
    at = events[AT].to_numpy()
    recent = events[(at >= now - np.timedelta64(catalogue.contact.counted_days, "D")) & (at < now)]
    of_offers = recent[KIND].isin(list(CONTACTS)) & recent[PRODUCT_ID].notna()
    rows = ordered(recent[of_offers], AT)
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


def cases(table: pd.DataFrame, now: np.datetime64, count: int) -> ByAccount[Case]:
    """Cases open at `now`."""
    opened, closed = table[OPENED_AT].to_numpy(), table[CLOSED_AT].to_numpy()
    rows = ordered(table[(opened < now) & ~(closed <= now)], OPENED_AT)
    records = zip(
        rows[CASE_ID].tolist(),
        rows[KIND].tolist(),
        rows[STATUS].tolist(),
        instants(rows[OPENED_AT]),
        instants(rows[PROMISED_AT]),
        strict=True,
    )
    return ByAccount.of(rows, (Case(*record) for record in records), count)


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
