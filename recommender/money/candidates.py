"""The rhythms that the bookings of a group could keep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from recommender.money.booking import Flags, Ints
from recommender.money.evidence import LEAST_HIT, MOST_DOUBLED, least_executions
from recommender.money.groups import Groups
from recommender.money.rhythm import (
    DAYS,
    LAST_WORKING_DAY,
    LENGTH,
    MONTHS,
    WEEKENDS,
    Period,
    Weekend,
    day_of_month,
    month_of,
)

GAPS: Final = {
    Period.WEEKLY: (6, 8),
    Period.FOUR_WEEKLY: (25, 31),
    Period.MONTHLY: (24, 37),
    Period.QUARTERLY: (84, 98),
    Period.YEARLY: (350, 380),
}
"""The usual gap between bookings of each period, days; missed cycles are not usual."""

LAST_WORKING_FROM = 25
"""No last working day of a month is before the 26th."""

MONTH_DAYS = 32


@dataclass(frozen=True, eq=False)
class Candidate:
    """(g,), for each group: `day` and `phase` as Rhythm has them and the code of `weekend`, where
    it `can` be.
    """

    day: Ints
    phase: Ints
    weekend: Ints
    can: Flags


def periods(groups: Groups) -> Iterator[tuple[Period, Flags]]:
    """Each period, and (g,) whether bookings have its usual gap, and are about enough."""
    usual = _usual_gap(groups)
    span = groups.day[groups.last] - groups.day[groups.start]
    for period, (low, high) in GAPS.items():
        cycles = span / LENGTH[period] + 1
        can = (low <= usual) & (usual <= high) & (groups.count >= least_executions(period))
        can &= groups.count >= LEAST_HIT * (cycles - 1)
        can &= groups.count <= (cycles + 1) / (1 - MOST_DOUBLED)
        yield period, can


def _usual_gap(groups: Groups) -> Ints:
    """(g,): the middle one of the gaps between days with bookings; 0 where there is none."""
    gap = np.diff(groups.day, prepend=0)
    gap[groups.start] = 0
    some = groups.sums(gap > 0)
    middle = groups.last - some + 1 + np.maximum(some - 1, 0) // 2
    usual: Ints = np.where(some > 0, groups.ordered(gap)[np.minimum(middle, len(gap) - 1)], 0)
    return usual


def candidates(period: Period, groups: Groups) -> Iterator[Candidate]:
    """What could be, the commonest day first."""
    always = np.ones(len(groups), np.bool_)
    stays, following, preceding = (
        np.full(len(groups), WEEKENDS.index(one))
        for one in (Weekend.STAYS, Weekend.FOLLOWING, Weekend.PRECEDING)
    )
    if period in DAYS:
        day = groups.commonest(groups.day % DAYS[period], DAYS[period])
        yield Candidate(day, np.zeros_like(day), stays, always)
        return
    of_month, step = day_of_month(groups.day), MONTHS[period]
    phase = groups.commonest(month_of(groups.day) % step, step)
    commonest = groups.commonest(of_month, MONTH_DAYS)
    yield Candidate(commonest, phase, stays, always)
    last, middle = np.maximum.reduceat(of_month, groups.start), _centre(of_month, groups)
    other = middle != commonest
    yield Candidate(last, phase, stays, last != commonest)
    yield Candidate(middle, phase, stays, other & (middle != last))
    working = np.full_like(last, LAST_WORKING_DAY)
    yield Candidate(working, phase, stays, last > LAST_WORKING_FROM)
    for day, can in ((commonest, always), (middle, other)):
        for weekend in (following, preceding):
            yield Candidate(day, phase, weekend, can)


def _centre(of_month: Ints, groups: Groups) -> Ints:
    """(g,): the middle day of the month; days around its end lie beside each other."""
    first = np.minimum.reduceat(of_month, groups.start)
    around = groups.each(np.maximum.reduceat(of_month, groups.start) - first > 20)
    turned = np.where(around & (of_month > 15), of_month - 31, of_month)
    middle = groups.ordered(turned)[groups.start + groups.count // 2]
    centre: Ints = np.where(middle > 0, middle, middle + 31)
    return centre
