"""What truly recurs: every series of the window, for measuring what is found in bookings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from recommender import tables
from training.world.bookings import Payments
from training.world.draws import Rows
from training.world.flows import SCHEMES
from training.world.habits import PERIODS
from training.world.records import dates, texts
from training.world.taking import NEVER
from training.world.window import Days, Window

PERIOD_DAYS: Final = np.array([7, 28, 31, 92, 366])
"""At most, of each of PERIODS."""

BREAK_PERIODS = 3.4
"""After so many periods without a payment, what follows is another series."""


def series_truth(
    ids: Sequence[str],
    payees: Sequence[str],
    planned: Payments,
    booked: Payments,
    period: Rows,
    window: Window,
) -> pd.DataFrame:
    """One row for each series with a payment in the window. `period` (m,): that of `planned`.

    `amount_minor` is that of the latest payment planned in the window; `varies`: it differs each
    time; else `previous_amount_minor` is what it was before `price_changed_on`. `executions` were
    booked, under whatever name. `ended_on` is the first day on which it should have come and no
    longer did; `next_due_on` is when it comes next.
    """
    order = np.lexsort((planned.day, planned.series))
    rows, period = planned.where(order), period[order]
    length = PERIOD_DAYS[period]
    gap = np.diff(rows.day, prepend=rows.day[:1])
    new = np.append(True, np.diff(rows.series) != 0) | (gap > BREAK_PERIODS * length)
    number = np.cumsum(new[: len(rows)]) - 1
    inside = rows.day < window.until
    first = np.flatnonzero(np.diff(number, prepend=-1))
    of_first = number[inside]
    if not len(of_first):
        return _frame(ids, payees, {})
    present, starts = np.unique(of_first, return_index=True)
    within = np.flatnonzero(inside)
    start, last = within[starts], within[np.append(starts[1:], len(within)) - 1]
    following = last + 1
    has_next = (following < len(rows)) & (number[np.minimum(following, len(rows) - 1)] == present)
    due = np.where(has_next, rows.day[np.minimum(following, len(rows) - 1)], NEVER)
    should = rows.day[last] + length[last]
    change = np.append(False, (np.diff(rows.amount) != 0) & (np.diff(number) == 0)) & inside
    changes = np.bincount(number, change, minlength=int(number[-1]) + 1)[present]
    at_change = np.full(int(number[-1]) + 1, -1)
    at_change[number[change]] = np.flatnonzero(change)
    at_change = at_change[present]
    one = changes == 1
    return _frame(
        ids,
        payees,
        {
            "person": rows.person[last],
            "payee": rows.payee[last],
            "scheme": rows.scheme[last],
            "period": period[last],
            "amount": rows.amount[last],
            "varies": changes > 2,
            "before": np.where(one, rows.amount[np.maximum(at_change - 1, 0)], 0),
            "changed": np.where(one, rows.day[at_change], NEVER),
            "started": rows.day[start],
            "ended": np.where(has_next | (should >= window.until), NEVER, should),
            "due": due,
            "executions": _executions(rows.series[first][present], rows.day[start], booked),
        },
    )


def _executions(series: Rows, started: Days, booked: Payments) -> Rows:
    """How many payments of each (series, start), in that order, were booked until the next."""
    key = series.astype(np.int64) * 100_000 + started
    # A payment may be booked on the day of its series' start, never before.
    where = np.searchsorted(key, booked.series.astype(np.int64) * 100_000 + booked.day, "right") - 1
    recurs = booked.series >= 0
    return np.bincount(where[recurs], minlength=len(key))


def _frame(
    ids: Sequence[str], payees: Sequence[str], columns: dict[str, np.ndarray]
) -> pd.DataFrame:
    none = np.zeros(0, np.int64)
    made = {name: columns.get(name, none) for name in (
        "person", "payee", "scheme", "period", "amount", "varies", "before", "changed", "started",
        "ended", "due", "executions",
    )}  # fmt: skip
    return pd.DataFrame(
        {
            tables.ACCOUNT_ID: texts(made["person"], ids),
            tables.COUNTERPARTY: texts(made["payee"], payees),
            tables.SCHEME: texts(made["scheme"], SCHEMES),
            "period": texts(made["period"], PERIODS),
            tables.AMOUNT_MINOR: made["amount"],
            "varies": made["varies"].astype(np.bool_),
            "previous_amount_minor": pd.Series(made["before"]).replace(0, pd.NA).astype("Int64"),
            "price_changed_on": dates(made["changed"].astype(np.int32)),
            "started_on": dates(made["started"].astype(np.int32)),
            "ended_on": dates(made["ended"].astype(np.int32)),
            "next_due_on": dates(made["due"].astype(np.int32)),
            "executions": made["executions"],
        }
    )
