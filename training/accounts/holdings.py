"""What each account holds: the table's rows, and what events told of since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recommender.account import Holding
from recommender.catalogue import Catalogue, Memory
from recommender.events.holdings import SETTLES, with_taking
from recommender.rules.conditions import Happening
from recommender.tables import (
    ACCOUNT_ID,
    AT,
    CLOSED_ON,
    ENDS_ON,
    KIND,
    OPENED_ON,
    PRODUCT_ID,
    EventKind,
)
from training.accounts.clock import on_the_wall
from training.accounts.columns import ByAccount, days, ordered
from training.snapshots.holdings import open_at
from training.snapshots.moments import positions
from training.tables import Tables

HAPPENS_ON: Final = {Happening.OPENED: OPENED_ON, Happening.CLOSED: CLOSED_ON}


def held(
    tables: Tables, catalogue: Catalogue, now: np.datetime64, count: int
) -> list[tuple[Holding, ...]]:
    """By account: `holdings`, and what the events tell of besides."""
    known = list(holdings(tables.holdings, catalogue, now, count))
    for account, day, product in takings(tables.events, catalogue, now):
        known[account] = with_taking(known[account], product, day)
    return known


def holdings(
    table: pd.DataFrame, catalogue: Catalogue, now: np.datetime64, count: int
) -> ByAccount[Holding]:
    """What is open, and of what has ended as much as events may still be about or rules ask for.
    What ends later is open. Days begin at midnight UTC here, as they do in snapshots, whose moments
    are midnights: what was taken on a day must not be known when it was asked for.
    """
    is_open = open_at(table, np.full(len(table), now))
    rows = ordered(table[is_open | _remembered(table, catalogue.memory, now)], OPENED_ON)
    closed = rows[CLOSED_ON].where(rows[CLOSED_ON].to_numpy() <= now.astype("datetime64[D]"))
    records = zip(
        rows[PRODUCT_ID].tolist(),
        days(rows[OPENED_ON]),
        days(closed),
        days(rows[ENDS_ON]),
        strict=True,
    )
    return ByAccount.of(rows, (Holding(*record) for record in records), count)


def _remembered(table: pd.DataFrame, memory: Memory, now: np.datetime64) -> NDArray[np.bool_]:
    """(n,) whether each has ended lately, or some rule looks back to its beginning or end."""
    today = now.astype("datetime64[D]")
    product, closed = table[PRODUCT_ID].to_numpy(), table[CLOSED_ON].to_numpy()
    ended: NDArray[np.bool_] = closed <= today  # NaT never is
    asked: NDArray[np.bool_] = closed > today - np.timedelta64(SETTLES)
    for (happening, subject), back in memory.days.items():
        column = HAPPENS_ON.get(happening)
        if column is not None:
            ago = (today - table[column].to_numpy().astype("datetime64[D]")).astype(np.float64)
            asked |= (product == subject) & (ago <= back)
    return ended & asked


def takings(
    events: pd.DataFrame, catalogue: Catalogue, now: np.datetime64
) -> Iterator[tuple[int, date, str]]:
    """Account, bank's day and product of what was lately taken; `holdings` may not have it yet."""
    at = events[AT].to_numpy()
    lately = (at < now) & (at >= now - np.timedelta64(SETTLES))
    taken = lately & (events[KIND] == EventKind.TAKEN).to_numpy() & events[PRODUCT_ID].notna()
    rows = ordered(events[taken], AT)
    day = days(pd.Series(on_the_wall(rows[AT].to_numpy(), catalogue)))
    return zip(positions(rows[ACCOUNT_ID]).tolist(), day, rows[PRODUCT_ID].tolist(), strict=True)
