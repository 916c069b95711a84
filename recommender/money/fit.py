"""The rhythm that suits bookings best: of many groups at once, as most of the work is alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from recommender.money.booking import Flags, Ints
from recommender.money.candidates import Candidate, candidates, periods
from recommender.money.evidence import Placed, of_amounts, weighed
from recommender.money.groups import Groups
from recommender.money.rhythm import LENGTH, WEEKENDS, Floats, Period, Rhythm, due_days

SELDOM = 0.15
"""A rhythm is settled when no more of the bookings miss its due day."""

PRIOR_NATS: Final = {"direct_debit": -2.0, "standing_order": -2.0, "salary": -2.0, "card": -6.0}
OTHER_PRIOR_NATS = -3.5
"""Before looking at dates: most payees of a card are shops, most direct debits recur."""

PERIODS: Final = tuple(Period)


@dataclass(frozen=True, eq=False)
class Fit:
    """A rhythm, and (n,) for each booking its cycle and how many days after the due day it came."""

    rhythm: Rhythm
    cycle: Ints
    late: Ints
    evidence: float

    @property
    def confidence(self) -> float:
        """The probability that it recurs, if the evidence is all there is."""
        return 1 / (1 + math.exp(-min(self.evidence, 30)))


def best_fits(groups: Groups, schemes: Sequence[str]) -> list[Fit | None]:
    """For each group, of which `schemes` says the scheme, the rhythm with the most evidence."""
    prior = np.array([PRIOR_NATS.get(scheme, OTHER_PRIOR_NATS) for scheme in schemes])
    best = _Best(len(groups), of_amounts(groups) + prior)
    for period, can in periods(groups):
        which = np.flatnonzero(can & best.open)
        if len(which):
            own = groups.some(which)
            usual, *others = candidates(period, own)
            best.try_out(period, [usual], own, which)
            best.try_out(period, others, own, which)
    return best.fits(groups)


class _Best:
    """The best rhythm of each of `count` groups so far; `open` are those still looked at."""

    def __init__(self, count: int, besides: Floats) -> None:
        """`besides` (count,): the evidence that does not depend on the rhythm."""
        self.open: Flags = np.ones(count, np.bool_)
        self._besides = besides
        self._evidence: Floats = np.full(count, -np.inf)
        self._period, self._day, self._phase, self._weekend = np.zeros((4, count), np.int64)

    def try_out(
        self, period: Period, tries: Sequence[Candidate], groups: Groups, which: Ints
    ) -> None:
        """`groups` are the groups `which` (m,) of all, and the candidates'."""
        tried = [np.flatnonzero(one.can & self.open[which]) for one in tries]
        if not any(map(len, tried)):
            return
        own = groups.some(np.concatenate(tried))
        day, phase, weekend = (
            np.concatenate([column[rows] for column, rows in zip(columns, tried, strict=True)])
            for columns in zip(*((one.day, one.phase, one.weekend) for one in tries), strict=True)
        )
        placed = Placed.by(period, own, day, phase, weekend)
        evidence = weighed(period, own, placed) + self._besides[which[np.concatenate(tried)]]
        # A late one now and then suggests no other rhythm.
        settled = (own.sums(placed.late != 0) <= SELDOM * own.count) & (evidence > -np.inf)
        rows, before = np.arange(len(own)), 0
        for those in tried:  # in their order: nothing after what settled a group is looked at
            part, group = rows[before : before + len(those)], which[those]
            better = settled[part] | (evidence[part] > self._evidence[group] + 1e-9)
            part, group = (one[better & self.open[group]] for one in (part, group))
            self._evidence[group], self._period[group] = evidence[part], PERIODS.index(period)
            self._day[group], self._phase[group] = day[part], phase[part]
            self._weekend[group] = weekend[part]
            self.open[group[settled[part]]] = False
            before += len(those)

    def fits(self, groups: Groups) -> list[Fit | None]:
        found: list[Fit | None] = [None] * len(groups)
        for code, period in enumerate(PERIODS):
            which = np.flatnonzero((self._evidence > -np.inf) & (self._period == code))
            if not len(which):
                continue
            own = groups.some(which)
            columns = self._day[which], self._phase[which], self._weekend[which]
            placed = Placed.by(period, own, *columns)
            rows = zip(which.tolist(), own.start.tolist(), own.count.tolist(), strict=True)
            for (place, start, count), day, phase, weekend in zip(
                rows, *(column.tolist() for column in columns), strict=True
            ):
                found[place] = Fit(
                    Rhythm(period, day, phase, WEEKENDS[weekend]),
                    placed.cycle[start : start + count],
                    placed.late[start : start + count],
                    float(self._evidence[place]),
                )
        return found


def coming_dues(fits: Sequence[tuple[Fit, int]], day: int) -> list[list[int]]:
    """For each fit, and the day of its last booking, when it is due from then until after `day`."""
    found: list[list[int]] = [[] for _ in fits]
    for period in PERIODS:
        own = [place for place, (fit, _) in enumerate(fits) if fit.rhythm.period == period]
        if not own:
            continue
        rhythms = [fits[place][0].rhythm for place in own]
        count = np.array([_cycles_ahead(period, day - fits[place][1]) for place in own])
        start = np.cumsum(count) - count
        following = np.array([fits[place][0].cycle[-1] + 1 for place in own])
        cycle = np.arange(count.sum()) + np.repeat(following - start, count)
        columns = (
            [one.day for one in rhythms],
            [one.phase for one in rhythms],
            [WEEKENDS.index(one.weekend) for one in rhythms],
        )
        dues = due_days(period, cycle, *(np.repeat(column, count) for column in columns)).tolist()
        for place, begin, many in zip(own, start.tolist(), count.tolist(), strict=True):
            found[place] = dues[begin : begin + many]
    return found


def _cycles_ahead(period: Period, since: int) -> int:
    """Enough cycles to be past a day, `since` so many days after the last booking."""
    return max(2, int(since / LENGTH[period]) + 3)
