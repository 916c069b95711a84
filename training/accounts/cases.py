"""Complaints, applications and orders: the table's rows, and what events told of complaints."""

from __future__ import annotations

from datetime import UTC

import numpy as np
import pandas as pd

from recommender.account import Case
from recommender.catalogue import Catalogue
from recommender.events.cases import STATUS as COMPLAINTS
from recommender.events.cases import complaint, joined, remembered
from recommender.tables import (
    AT,
    CASE_ID,
    CLOSED_AT,
    KIND,
    OPENED_AT,
    PROMISED_AT,
    STATUS,
    EventKind,
)
from training.accounts.columns import ByAccount, instants, ordered
from training.tables import Tables


def cases(
    tables: Tables, catalogue: Catalogue, now: np.datetime64, count: int
) -> list[tuple[Case, ...]]:
    """By account, what the table and complaints among the events say together: the open ones, and
    of those closed as many as events may still be about or rules ask for. What is closed later is
    open.
    """
    at = now.astype("datetime64[us]").item().replace(tzinfo=UTC)
    listed, told = _listed(tables.cases, now, count), _told(tables.events, now, count)
    return [
        remembered(joined((*of_table, *of_events)), at, catalogue.memory)
        for of_table, of_events in zip(listed, told, strict=True)
    ]


def _listed(table: pd.DataFrame, now: np.datetime64, count: int) -> ByAccount[Case]:
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
    return ByAccount.of(rows, (Case(*record) for record in records), count)


def _told(events: pd.DataFrame, now: np.datetime64, count: int) -> ByAccount[Case]:
    """What each event about a complaint tells of its case."""
    about = events[KIND].isin(list(COMPLAINTS)).to_numpy() & events[CASE_ID].notna().to_numpy()
    rows = ordered(events[about & (events[AT].to_numpy() < now)], AT)
    records = zip(
        rows[CASE_ID].tolist(),
        map(EventKind, rows[KIND].tolist()),
        instants(rows[AT]),
        instants(rows[PROMISED_AT]),
        strict=True,
    )
    return ByAccount.of(rows, (complaint(*record) for record in records), count)
