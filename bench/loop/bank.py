"""The bank's side of the loop: what is on record, and what it adds by showing offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recommender.account import Account
from recommender.catalogue import Catalogue
from recommender.decision import Decision
from recommender.tables import (
    ACCOUNT_ID,
    AT,
    BOOKED_ON,
    CHANNEL,
    CLOSED_ON,
    DECISION_ID,
    EVENT_ID,
    KIND,
    OPENED_ON,
    PRODUCT_ID,
    EventKind,
)
from training.accounts import build_accounts
from training.snapshots.moments import positions
from training.tables import Tables

Flags = NDArray[np.bool_]

LOOKS = ("page_view", "search", "click")
BALANCE_DAYS = 45
"""Bookings older than this before the first day say nothing that `decide` asks for."""


def only(tables: Tables, keep: Flags) -> Tables:
    """The tables as if there were no other accounts than those flagged, by row of `accounts`."""
    ids = tables.accounts[ACCOUNT_ID].cat.categories[keep]
    new = np.cumsum(keep) - 1

    def of(frame: pd.DataFrame) -> pd.DataFrame:
        owner = positions(frame[ACCOUNT_ID])
        rows = frame[keep[owner]].copy()
        rows[ACCOUNT_ID] = pd.Categorical.from_codes(new[owner[keep[owner]]], categories=ids)
        return rows.reset_index(drop=True)

    return replace(tables, **{name: of(frame) for name, frame in tables.frames().items()})


def visitors(tables: Tables, day: date) -> Flags:
    """Who looked at a page on `day`: nobody else can be shown anything, by row of `accounts`."""
    events = tables.events
    at = events[AT].to_numpy()
    today = (at >= np.datetime64(day)) & (at < np.datetime64(day + timedelta(days=1)))
    looked = today & events[KIND].isin(LOOKS).to_numpy()
    flags = np.zeros(len(tables.accounts), dtype=np.bool_)
    flags[positions(events[ACCOUNT_ID])[looked]] = True
    return flags


def recent_money(tables: Tables, since: date) -> Tables:
    """Without bookings too old to matter, which are most of all rows."""
    first = np.datetime64(since - timedelta(days=BALANCE_DAYS))
    bookings = tables.transactions
    return replace(
        tables,
        transactions=bookings[bookings[BOOKED_ON].to_numpy() >= first].reset_index(drop=True),
    )


def held(accounts: Sequence[Account], products: Sequence[str]) -> Flags:
    """(accounts, products): what each holds."""
    column = {product: place for place, product in enumerate(products)}
    flags = np.zeros((len(accounts), len(products)), dtype=np.bool_)
    for row, account in enumerate(accounts):
        for holding in account.holdings:
            if holding.closed_on is None:
                flags[row, column[holding.product_id]] = True
    return flags


@dataclass
class Bank:
    """One bank with one policy: the same customers, and a log of its own."""

    catalogue: Catalogue
    tables: Tables
    _events: list[dict[str, object]] = field(default_factory=list)

    def accounts(self, flags: Flags, at: datetime) -> list[Account]:
        """Those flagged, as they stand at `at`."""
        return list(build_accounts(only(self.tables, flags), self.catalogue, at))

    def record(self, decision: Decision, taken: Iterable[str]) -> None:
        """What was shown, and what was taken of it a few minutes later."""
        answers = set(taken)
        for shown in decision.shown:
            if shown.product_id is None:
                continue
            self._note(decision, shown.product_id, EventKind.IMPRESSION, decision.at)
            if shown.product_id in answers:
                later = decision.at + timedelta(minutes=10)
                self._note(decision, shown.product_id, EventKind.TAKEN, later)

    def _note(self, decision: Decision, product: str, kind: EventKind, at: datetime) -> None:
        row = (decision.decision_id, decision.account_id, product, kind, at, decision.channel)
        names = (DECISION_ID, ACCOUNT_ID, PRODUCT_ID, KIND, AT, CHANNEL)
        self._events.append(dict(zip(names, row, strict=True)))

    def close_day(self) -> None:
        """Put the day's events on record; who took an offer does not take it again later."""
        if not self._events:
            return
        fresh = _like(self.tables.events, pd.DataFrame(self._events))
        number = len(self.tables.events)
        fresh[EVENT_ID] = [f"loop-{number + row}" for row in range(len(fresh))]
        self._events = []
        taken = fresh[fresh[KIND] == EventKind.TAKEN]
        self.tables = replace(
            self.tables,
            events=pd.concat([self.tables.events, fresh], ignore_index=True),
            holdings=_opened(self.tables.holdings, taken),
        )


def _opened(holdings: pd.DataFrame, taken: pd.DataFrame) -> pd.DataFrame:
    """`holdings` with those taken; the same product opened later of one's own accord is not."""
    fresh = taken[[ACCOUNT_ID, PRODUCT_ID]].copy()
    fresh[OPENED_ON] = taken[AT].dt.floor("D")
    fresh[CLOSED_ON] = pd.NaT
    fresh = _like(holdings, fresh)
    first = dict(zip(_pairs(fresh).tolist(), fresh[OPENED_ON], strict=True))
    since = pd.Series(_pairs(holdings)).map(first).to_numpy(dtype="datetime64[us]")
    later = holdings[OPENED_ON].to_numpy() >= since  # NaT: never
    return pd.concat([holdings[~later], fresh], ignore_index=True)


def _pairs(rows: pd.DataFrame) -> NDArray[np.int64]:
    return positions(rows[ACCOUNT_ID]) * 1000 + positions(rows[PRODUCT_ID])


def _like(table: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` in the columns and dtypes of `table`; what they do not say is missing."""
    columns = {}
    for name, column in table.items():
        values = rows[name] if name in rows else pd.Series(None, index=rows.index, dtype=object)
        if name == AT:
            values = values.dt.tz_localize(None)
        columns[name] = values.astype(column.dtype)
    return pd.DataFrame(columns)
