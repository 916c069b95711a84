"""How well bookings fit a rhythm: the evidence for it, in nats, against chance.

The question is that of a likelihood ratio. If a payment recurs, its bookings lie near the due days
(a discrete Laplace distribution), one in each cycle, of like amounts; if not, they are anywhere.
What had to be chosen from the same bookings (the period, its phase) is paid for first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from recommender.money.booking import Ints
from recommender.money.groups import Groups
from recommender.money.rhythm import LENGTH, Floats, Period, due_days, nearest_cycle

TOLERANCE: Final = {
    Period.WEEKLY: 1,
    Period.FOUR_WEEKLY: 3,
    Period.MONTHLY: 5,
    Period.QUARTERLY: 7,
    Period.YEARLY: 10,
}
"""Further from its due day than this, a booking is not of the series."""

LEAST_EXECUTIONS: Final = 3
LEAST_YEARLY: Final = 2

SALARY = "salary"
"""The scheme of what is paid by the month, so that one payment of it is enough."""

LEAST_NEAR, LEAST_HIT, MOST_DOUBLED = 0.8, 0.55, 0.25
"""Shares: of bookings near their due day, of cycles with a booking, of bookings beyond the first
in a cycle. Past these, no evidence is weighed."""

STRAYS = 0.1
"""The share of bookings that keep no day at all."""
MISSED_NATS, DOUBLED_NATS = -1.6, -1.5
LIKE_AMOUNT_NATS = 1.5
UNLIKE_AMOUNT_NATS = -1.0
USUAL_SPREAD = 0.3
"""Amounts of unrelated payments to one payee differ by about so much (of their logarithm)."""


def least_executions(period: Period) -> int:
    return LEAST_YEARLY if period == Period.YEARLY else LEAST_EXECUTIONS


@dataclass(frozen=True, eq=False)
class Placed:
    """(n,) for each booking its cycle and how many days after the due day it came."""

    cycle: Ints
    late: Ints

    @classmethod
    def by(cls, period: Period, groups: Groups, day: Ints, phase: Ints, weekend: Ints) -> Placed:
        """With the rhythms that (g,) `day`, `phase` and `weekend` (a code) say."""
        day, phase, weekend = map(groups.each, (day, phase, weekend))
        cycle = nearest_cycle(period, groups.day, day, phase)
        return cls(cycle, groups.day - due_days(period, cycle, day, phase, weekend))


def weighed(period: Period, groups: Groups, placed: Placed) -> Floats:
    """(g,): the evidence of the days, -inf where it is out of the question."""
    count, cycle, off = groups.count, placed.cycle, np.abs(placed.late)
    near = off <= TOLERANCE[period]
    kept = groups.sums(near)
    other = np.diff(cycle, prepend=0) != 0
    other[groups.start] = True
    hit = groups.sums(other)
    span = cycle[groups.last] - cycle[groups.start] + 1
    can = (kept >= LEAST_NEAR * count) & (hit >= least_executions(period))
    can &= (hit >= LEAST_HIT * span) & (count - hit <= MOST_DOUBLED * count)
    length = LENGTH[period]
    spread = (groups.sums(off * near) + 0.2) / (kept + 1)
    q = (np.sqrt(1 + spread**2) - 1) / spread
    peak = (1 - STRAYS) * (1 - q) / (1 + q)
    density = groups.each(peak) * groups.each(q) ** off + STRAYS / length
    dates = groups.sums(np.log(density * length)) - math.log(length) - 1
    evidence = dates + MISSED_NATS * (span - hit) + DOUBLED_NATS * (count - hit)
    return np.where(can, evidence, -np.inf)


def of_amounts(groups: Groups) -> Floats:
    """(g,): equal amounts, or steps between runs of equal ones, speak for a series; a scatter
    against.
    """
    size = np.abs(groups.amount)
    before = np.append(size[:1], size[:-1])
    ratio = np.maximum(size, before) / np.maximum(np.minimum(size, before), 1)
    ratio[groups.start] = 0  # before all others
    steps = groups.count - 1
    middle = np.minimum(groups.start + 1 + steps // 2, groups.last)
    typical = np.maximum(np.log(np.maximum(groups.ordered(ratio)[middle], 1)), 0.02)
    nats: Floats = np.clip(np.log(USUAL_SPREAD / typical), UNLIKE_AMOUNT_NATS, LIKE_AMOUNT_NATS)
    return nats * steps
