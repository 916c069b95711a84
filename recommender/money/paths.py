"""The paths of many accounts' balances, day by day: for each account as if it were alone.

An account's numbers come about in the same steps and the same order whoever is beside it, so they
are equal to the last bit. Together they take a fraction of the time, which goes into calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from recommender.money.draws import AMOUNTS, PATHS, PAYMENTS, day_draws, payment_draws
from recommender.money.peers import LEAST_PURSE, MOST_PURSE
from recommender.money.rhythm import Floats
from recommender.money.series import Series
from recommender.money.spending import Spending

OVERDUE_COMES = 0.6
"""The chance that what is a day late still comes; with each day more it is this part of that."""


class Due(NamedTuple):
    """An expected execution of `account`, its `row`th, due on day `place`.

    `unknown`: the part of its chance that is left, as it is not among the known payments.
    """

    account: int
    row: int
    place: int
    series: Series
    unknown: float


def plan(planned: Floats, due: Sequence[Due]) -> None:
    """Add what is due to what is planned (days, accounts, PATHS), each account's in its order."""
    if not due:
        return
    days, accounts, _ = planned.shape
    account, row, place = np.array([one[:3] for one in due]).T
    chance, early, late, *amounts = np.array([_figures(one) for one in due]).T
    table = payment_draws()
    comes, of_day, of_amount = ((3 * row + at) % PAYMENTS for at in range(3))
    spread = np.floor(table.off[of_day] * (early + late + 1)[:, None] - early[:, None])
    spread[table.on_the_day[of_day]] = 0
    on = np.maximum(spread.astype(np.int64) + place[:, None], 0)
    happens = np.flatnonzero((table.drawn[comes] < chance[:, None]) & (on < days))
    cell = ((on * accounts + account[:, None]) * PATHS + np.arange(PATHS)).ravel()
    amount = _amounts(np.array(amounts).T, table.piece[of_amount], table.beyond[of_amount])
    # Where several meet, they are added one after the other.
    np.add.at(planned.reshape(-1), cell[happens], amount.ravel()[happens])


def _figures(due: Due) -> tuple[float, ...]:
    """Its chance; how early and late it may be, in days; its least to its most, as AMOUNTS."""
    one = due.series
    kept = (one.executions + 0.5) / (one.executions + one.missed + 0.6)
    early, late = one.next_due - one.window_from, one.window_until - one.next_due
    low, middle, high = one.low_minor, one.amount_minor, one.high_minor
    return (
        one.confidence * kept * due.unknown * OVERDUE_COMES ** max(-due.place, 0),
        early.days,
        late.days,
        low + (low - middle) / 2,
        low,
        middle,
        high,
        high + (high - middle) / 2,
    )


def _amounts(amounts: Floats, piece: np.ndarray, beyond: Floats) -> Floats:
    """(n, PATHS): as `np.interp` has them, between the `amounts` (n, AMOUNTS)."""
    slope = np.diff(amounts) / np.diff(AMOUNTS)
    each = np.arange(len(amounts))[:, None]
    drawn: Floats = slope[each, piece] * beyond + amounts[each, piece]
    return drawn


def followed(balances: Sequence[int], planned: Floats, spending: Sequence[Spending]) -> Floats:
    """(days, accounts, PATHS): each path's balance, from the accounts' `balances` on."""
    days = len(planned)
    moves = _moves(spending, days)
    balance = np.repeat(np.array(balances, np.float64), PATHS)
    paths = np.empty_like(planned)
    rows = planned.reshape(days, -1), paths.reshape(days, -1)
    for (start, end), coming, evening in zip(pairwise(moves.edges), *rows, strict=True):
        balance += coming
        busy = moves.busy[start:end]
        goes, comes, most, level, usual, thrift, reversion, at_once, least = moves.figures[
            :, start:end
        ]
        now = balance[busy]
        purse = np.minimum(np.maximum(now / usual, LEAST_PURSE), MOST_PURSE) ** thrift
        step = goes * purse + comes
        step += reversion * (level - now)
        step = np.minimum(step, most)
        step = np.maximum(step, -np.maximum(at_once * now, least * purse))
        balance[busy] = now + step
        evening[:] = balance
    return paths


class _Moves(NamedTuple):
    """The paths that move, day after day, and what moves them: day d's are from `edges[d]` up to
    `edges[d + 1]`; `busy` (n,) are places in (accounts, PATHS), `figures` (9, n) as `followed`
    unpacks them.
    """

    edges: list[int]
    busy: np.ndarray
    figures: Floats


def _moves(spending: Sequence[Spending], days: int) -> _Moves:
    table, accounts = day_draws(), len(spending)
    sizes = np.array([one.sizes for one in spending], np.float64)
    own = np.array([_own(one) for one in spending]).T
    busy = table.busy[:days, None] >= np.array([one.quiet for one in spending])[:, None]
    count = np.count_nonzero(busy, axis=2)
    place = np.flatnonzero(busy)
    path = place % PATHS
    each_day = count.sum(axis=1)

    def each(own: np.ndarray) -> np.ndarray:
        return np.repeat(np.tile(own, days), count.ravel())

    account = np.arange(accounts)
    drawn = np.repeat(np.arange(days), each_day) * PATHS + path
    part = table.part.ravel()[drawn]
    below = table.below.ravel()[drawn] + each(account * sizes.shape[1])
    size = sizes.ravel()[below] * (1 - part)
    size += sizes.ravel()[below + 1] * part
    level, spread, *others = own
    figures = np.empty((4 + len(others), len(place)))
    figures[0], figures[1] = np.minimum(size, 0), np.maximum(size, 0)
    # Who has little holds back; that brings no money.
    figures[2] = np.where(size < 0, 0, np.inf)
    figures[3] = each(level) + each(spread) * table.level[path]
    for row, one in enumerate(others, 4):
        figures[row] = each(one)
    edges = np.append(0, np.cumsum(each_day)).tolist()
    return _Moves(edges, each(account * PATHS) + path, figures)


def _own(spending: Spending) -> tuple[float, ...]:
    return (
        spending.level_minor,
        spending.level_spread_minor,
        max(float(spending.purse_minor), 1.0),
        spending.thrift,
        spending.reversion,
        spending.most_at_once,
        max(0.0, -float(spending.sizes[len(spending.sizes) // 2])),
    )
