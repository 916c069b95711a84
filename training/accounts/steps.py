"""Applications and opinions, from the event log: the last of each counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pandas as pd

from recommender.account import Application, Opinion
from recommender.catalogue import Catalogue
from recommender.events.applications import with_step
from recommender.events.opinions import later, opinion_of
from recommender.tables import ACCOUNT_ID, AT, CHANNEL, KIND, PRODUCT_ID, VALUE, EventKind
from training.accounts.columns import instants, ordered
from training.snapshots.moments import positions

STEPS = (EventKind.START, EventKind.SUBMIT, EventKind.TAKEN)
SCORES = (EventKind.RATING, EventKind.NPS)


class Row(NamedTuple):
    account: int
    at: datetime
    kind: EventKind
    product: str | None
    channel: str
    value: str | None


def applications(
    events: pd.DataFrame, catalogue: Catalogue, now: np.datetime64, count: int
) -> list[dict[str, Application]]:
    """By account: the steps on the way to products, of the days for which an application counts."""
    found: list[dict[str, Application]] = [{} for _ in range(count)]
    since = now - np.timedelta64(catalogue.journey.applying_days, "D")
    for row in _rows(events, STEPS, now, since):
        if isinstance(row.product, str):
            own = found[row.account]
            before = own.get(row.product, Application())
            own[row.product] = with_step(before, row.kind, row.at, row.channel)
    return found


def opinions(events: pd.DataFrame, now: np.datetime64, count: int) -> list[Opinion | None]:
    """By account: the last score that was given."""
    found: list[Opinion | None] = [None] * count
    for row in _rows(events, SCORES, now):
        if isinstance(row.value, str):
            told = opinion_of(row.kind, int(float(row.value)), row.at)
            found[row.account] = later(found[row.account], told)
    return found


def _rows(
    events: pd.DataFrame,
    kinds: tuple[EventKind, ...],
    now: np.datetime64,
    since: np.datetime64 | None = None,
) -> Iterator[Row]:
    at = events[AT].to_numpy()
    known = at < now if since is None else (at < now) & (at >= since)
    chosen = known & events[KIND].isin(list(kinds)).to_numpy()
    rows = ordered(events[chosen], AT)
    columns = (
        positions(rows[ACCOUNT_ID]).tolist(),
        instants(rows[AT]),
        map(EventKind, rows[KIND].tolist()),
        rows[PRODUCT_ID].tolist(),
        rows[CHANNEL].tolist(),
        rows[VALUE].tolist(),
    )
    return (Row(*values) for values in zip(*columns, strict=True))
