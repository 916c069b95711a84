"""The balance of the coming weeks, as a distribution: what is known, what recurs, what is spent.

256 paths are followed, each with its own draws from one fixed table: equal inputs give equal
outlooks, and a small change of an input changes little.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final

import numpy as np

from recommender.account import Payment
from recommender.money.booking import Flags, day_number
from recommender.money.names import alike, words_of
from recommender.money.peers import LEAST_PURSE, MOST_PURSE, SHARES
from recommender.money.rhythm import LENGTH, Floats
from recommender.money.series import Series
from recommender.money.spending import Spending

DAYS = 35
MOST_DAYS = 92
PATHS: Final = 256
SURE = 1 / (4 * PATHS)
"""No chance is 0 or 1: 256 paths cannot know."""

DRAWN_PAYMENTS = 64
SEED = 20_261_126

ANNOUNCED: Final = ("standing_order", "direct_debit")
"""Schemes that a bank may know of before the day; most that it does not know will not come."""

ON_THE_DAY = 0.6
"""Of payments that do not keep their day, so many come on the likeliest one."""

OVERDUE_COMES = 0.6
"""The chance that what is a day late still comes; with each day more it is this part of that."""


@dataclass(frozen=True, eq=False)
class Outlook:
    """End-of-day balances, minor units, (days, PATHS); `first` is the first of the days.

    Chances are those of the paths, corrected in their log odds by what `Peers` learnt of earlier
    outlooks.
    """

    first: date
    paths: Floats
    chance_offset: float = 0.0
    chance_slope: float = 1.0

    def quantiles(self, shares: Sequence[float]) -> Floats:
        """(days, shares): the balance that stays below with each probability."""
        found: Floats = np.quantile(self.paths, shares, axis=1).T
        return found

    def below(self, limit_minor: int) -> Floats:
        """(days,): the chance of a balance below the limit at the end of each day."""
        return self._chances(self.paths < limit_minor)

    def ever_below(self, limit_minor: int) -> Floats:
        """(days,): the chance that it has been below at the end of some day so far."""
        return self._chances(np.minimum.accumulate(self.paths) < limit_minor)

    def _chances(self, falls: Flags) -> Floats:
        odds = np.clip(falls.mean(axis=1), SURE, 1 - SURE)
        odds = self.chance_slope * np.log(odds / (1 - odds)) + self.chance_offset
        chances: Floats = 1 / (1 + np.exp(-odds))
        return chances

    def shortfall(self, limit_minor: int) -> Floats:
        """(days,): what is lacking to the limit on average, where anything is; else 0."""
        lacking = np.maximum(limit_minor - self.paths, 0)
        short = np.maximum((lacking > 0).sum(axis=1), 1)
        expected: Floats = lacking.sum(axis=1) / short
        return expected

    def day(self, place: int) -> date:
        return self.first + timedelta(days=place)


def project(
    balance_minor: int,
    day: date,
    known: Iterable[Payment],
    series: Iterable[Series],
    spending: Spending,
    days: int = DAYS,
    known_until: date = date.min,
) -> Outlook:
    """The ends of `day` and the days after it, from the balance as `day` begins.

    Everything must be of one currency. A known payment takes the place of the expected one of a
    series to the same counterparty, or of the same amount, about that day. `known` tells of what is
    due up to `known_until`: what a bank usually knows and does not tell of is unlikely to come.

    Raises:
        ValueError: `days` is not from 1 to MOST_DAYS.
    """
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(f"an outlook is over 1 to {MOST_DAYS} days, not {days}")
    first, known = day_number(day), tuple(known)
    planned = np.zeros((days, PATHS))
    for payment in known:
        if 0 <= (place := day_number(payment.due_on) - first) < days:
            planned[place] += payment.amount_minor
    for row, (one, due) in enumerate(expected(series, known, day, days)):
        told = one.scheme in ANNOUNCED and day <= due <= known_until
        _plan(planned, one, day_number(due) - first, row, 1 - told * spending.announced)
    paths = _followed(balance_minor, planned, spending)
    return Outlook(day, paths, spending.chance_offset, spending.chance_slope)


def expected(
    series: Iterable[Series], known: Sequence[Payment], day: date, days: int
) -> Iterator[tuple[Series, date]]:
    """What series bring within the days, but for what is known already."""
    until = day + timedelta(days=days - 1)
    for one in series:
        taken = [payment.due_on for payment in known if is_of(payment, one)]
        reach = timedelta(days=LENGTH[one.rhythm.period] / 2)
        for due in one.due_until(until):
            near = [on for on in taken if abs(on - due) < reach]
            if near:
                taken.remove(near[0])
            else:
                yield one, due


def is_of(payment: Payment, series: Series) -> bool:
    """Whether a known payment is an execution of the series."""
    if payment.currency != series.currency or (payment.amount_minor > 0) != series.income:
        return False
    if payment.amount_minor == series.amount_minor:
        return True
    same = alike(words_of(payment.counterparty), words_of(series.counterparty))
    ratio = payment.amount_minor / series.amount_minor
    return same and 0.5 <= ratio <= 2


def _plan(planned: Floats, series: Series, place: int, row: int, unknown: float) -> None:
    """Add one expected execution, due on day `place`, to what is planned (days, PATHS).

    `unknown`: the part of its chance that is left, as it is not among the known payments.
    """
    draws = _payment_draws()[3 * row % DRAWN_PAYMENTS]
    of_day, of_amount = (_payment_draws()[(3 * row + at) % DRAWN_PAYMENTS] for at in (1, 2))
    kept = (series.executions + 0.5) / (series.executions + series.missed + 0.6)
    comes = draws < series.confidence * kept * unknown * OVERDUE_COMES ** max(-place, 0)
    early = (series.next_due - series.window_from).days
    late = (series.window_until - series.next_due).days
    spread = (of_day - ON_THE_DAY) / (1 - ON_THE_DAY) * (early + late + 1) - early
    on = np.maximum(place + np.where(of_day < ON_THE_DAY, 0, np.floor(spread)).astype(int), 0)
    comes &= on < len(planned)
    low, middle, high = series.low_minor, series.amount_minor, series.high_minor
    amount = np.interp(
        of_amount,
        [0, 0.1, 0.5, 0.9, 1],
        [low + (low - middle) / 2, low, middle, high, high + (high - middle) / 2],
    )
    np.add.at(planned, (on[comes], np.flatnonzero(comes)), amount[comes])


def _followed(balance_minor: int, planned: Floats, spending: Spending) -> Floats:
    """(days, PATHS): each path's balance, day by day."""
    days = len(planned)
    table = _day_draws()
    sizes = np.array(spending.sizes, np.float64)
    size = sizes[table.below[:days]] * (1 - table.part[:days])
    size += sizes[table.below[:days] + 1] * table.part[:days]
    busy = table.busy[:days] >= spending.quiet
    level = spending.level_minor + spending.level_spread_minor * table.level
    usual = max(float(spending.purse_minor), 1.0)
    least = max(0.0, -float(sizes[len(sizes) // 2]))
    goes = size < 0
    balance = np.full(PATHS, float(balance_minor))
    paths = np.empty_like(planned)
    for place in range(days):
        balance = balance + planned[place]
        purse = np.clip(balance / usual, LEAST_PURSE, MOST_PURSE) ** spending.thrift
        step = np.where(goes[place], size[place] * purse, size[place])
        step += spending.reversion * (level - balance)
        # Who has little holds back; that brings no money.
        step = np.where(goes[place], np.minimum(step, 0), step)
        step = np.maximum(step, -np.maximum(spending.most_at_once * balance, least * purse))
        balance = balance + busy[place] * step
        paths[place] = balance
    return paths


@dataclass(frozen=True, eq=False)
class _Draws:
    """(MOST_DAYS, PATHS) uniform `busy`; amounts as places in SHARES, `part` of the way to the
    next; (PATHS,) `level` with heavy tails and variance 1.
    """

    busy: Floats
    below: np.ndarray
    part: Floats
    level: Floats


@cache
def _day_draws() -> _Draws:
    random = np.random.default_rng(SEED)
    busy, amount = (_stratified(random, MOST_DAYS) for _ in range(2))
    amount = np.clip(amount, SHARES[0], SHARES[-1] - 1e-9)
    below = np.searchsorted(SHARES, amount, side="right") - 1
    part = (amount - SHARES[below]) / (SHARES[below + 1] - SHARES[below])
    # Student's t with 4 degrees of freedom has its quantile function in closed form.
    share = _stratified(random, 1)[0]
    alpha = 4 * share * (1 - share)
    q = np.cos(np.arccos(np.sqrt(alpha)) / 3) / np.sqrt(alpha)
    level = np.sign(share - 0.5) * 2 * np.sqrt(np.maximum(q - 1, 0)) / np.sqrt(2)
    return _Draws(busy, below, part, level)


@cache
def _payment_draws() -> Floats:
    return _stratified(np.random.default_rng(SEED + 1), DRAWN_PAYMENTS)


def _stratified(random: np.random.Generator, rows: int) -> Floats:
    """(rows, PATHS) uniform, each row with one draw in each of PATHS equal parts."""
    places = random.permuted(np.tile(np.arange(PATHS), (rows, 1)), axis=1)
    drawn: Floats = (places + random.random((rows, PATHS))) / PATHS
    return drawn
