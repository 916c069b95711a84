"""How well bookings fit a rhythm: the evidence for it, in nats, against chance.

The question is that of a likelihood ratio. If a payment recurs, its bookings lie near the due days
(a discrete Laplace distribution), one in each cycle, of like amounts; if not, they are anywhere.
What had to be chosen from the same bookings (the period, its phase) is paid for first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from recommender.money.booking import Ints
from recommender.money.rhythm import (
    DAYS,
    LAST_WORKING_DAY,
    LENGTH,
    MONTHS,
    Period,
    Rhythm,
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

LEAST_NEAR, LEAST_HIT, MOST_DOUBLED = 0.8, 0.55, 0.25
"""Shares: of bookings near their due day, of cycles with a booking, of bookings beyond the first
in a cycle. Past these, no evidence is weighed."""

SELDOM = 0.15
"""A rhythm is settled when no more of the bookings miss its due day."""

LAST_WORKING_FROM = 25
"""No last working day of a month is before the 26th."""

STRAYS = 0.1
"""The share of bookings that keep no day at all."""
MISSED_NATS, DOUBLED_NATS = -1.6, -1.5
LIKE_AMOUNT_NATS = 1.5
UNLIKE_AMOUNT_NATS = -1.0
USUAL_SPREAD = 0.3
"""Amounts of unrelated payments to one payee differ by about so much (of their logarithm)."""
PRIOR_NATS: Final = {"direct_debit": -2.0, "standing_order": -2.0, "salary": -2.0, "card": -6.0}
OTHER_PRIOR_NATS = -3.5
"""Before looking at dates: most payees of a card are shops, most direct debits recur."""


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


def best_fit(day: Ints, amount: Ints, scheme: str) -> Fit | None:
    """The rhythm with the most evidence for bookings on `day` (n,) ascending, or None."""
    best = None
    for period in _periods(day):
        for rhythm in _rhythms(period, day):
            fit = _judged(rhythm, day, amount, scheme)
            if fit is None:
                continue
            if best is None or fit.evidence > best.evidence + 1e-9:
                best = fit
            # A late one now and then suggests no other rhythm.
            if np.count_nonzero(fit.late) <= SELDOM * len(day):
                return fit
    return best


def _periods(day: Ints) -> Iterator[Period]:
    """Periods whose usual gap these bookings have, and of which there are about enough."""
    gaps = day[1:] - day[:-1]
    gaps = np.sort(gaps[gaps > 0])
    if not len(gaps):
        return
    usual, count, span = int(gaps[(len(gaps) - 1) // 2]), len(day), int(day[-1] - day[0])
    for period, (low, high) in GAPS.items():
        if low <= usual <= high and count >= least_executions(period):
            cycles = span / LENGTH[period] + 1
            if LEAST_HIT * (cycles - 1) <= count <= (cycles + 1) / (1 - MOST_DOUBLED):
                yield period


def least_executions(period: Period) -> int:
    return LEAST_YEARLY if period == Period.YEARLY else LEAST_EXECUTIONS


def _rhythms(period: Period, day: Ints) -> Iterator[Rhythm]:
    """What could be, the commonest day first."""
    if period in DAYS:
        yield Rhythm(period, _commonest(day % DAYS[period]))
        return
    of_month, step = day_of_month(day), MONTHS[period]
    phase = _commonest(month_of(day) % step) if step > 1 else 0
    commonest = _commonest(of_month)
    yield Rhythm(period, commonest, phase)
    last, middle = int(of_month.max()), _centre(of_month)
    for of in dict.fromkeys((last, middle)):
        if of != commonest:
            yield Rhythm(period, of, phase)
    if last > LAST_WORKING_FROM:
        yield Rhythm(period, LAST_WORKING_DAY, phase)
    for of in dict.fromkeys((commonest, middle)):
        yield Rhythm(period, of, phase, Weekend.FOLLOWING)
        yield Rhythm(period, of, phase, Weekend.PRECEDING)


def _commonest(values: Ints) -> int:
    return int(np.bincount(values).argmax())


def _centre(of_month: Ints) -> int:
    """The middle day of the month; days around its end lie beside each other."""
    ordered = np.sort(of_month)
    if ordered[-1] - ordered[0] <= 20:
        return int(ordered[len(ordered) // 2])
    turned = np.sort(np.where(of_month > 15, of_month - 31, of_month))
    middle = int(turned[len(turned) // 2])
    return middle if middle > 0 else middle + 31


def _judged(rhythm: Rhythm, day: Ints, amount: Ints, scheme: str) -> Fit | None:
    """The fit, or None where it is out of the question."""
    cycle = rhythm.cycle(day)
    late = day - rhythm.due(cycle)
    off = np.abs(late)
    count = len(day)
    near = off <= TOLERANCE[rhythm.period]
    kept = int(np.count_nonzero(near))
    hit = int(np.count_nonzero(cycle[1:] != cycle[:-1])) + 1
    span = int(cycle[-1] - cycle[0]) + 1
    if kept < LEAST_NEAR * count or hit < least_executions(rhythm.period):
        return None
    if hit < LEAST_HIT * span or count - hit > MOST_DOUBLED * count:
        return None
    length = LENGTH[rhythm.period]
    spread = (float(off[near].sum()) + 0.2) / (kept + 1)
    q = (math.sqrt(1 + spread**2) - 1) / spread
    density = (1 - STRAYS) * (1 - q) / (1 + q) * q**off + STRAYS / length
    dates = float(np.log(density * length).sum()) - math.log(length) - 1
    evidence = (
        dates
        + MISSED_NATS * (span - hit)
        + DOUBLED_NATS * (count - hit)
        + _amounts(amount)
        + PRIOR_NATS.get(scheme, OTHER_PRIOR_NATS)
    )
    return Fit(rhythm, cycle, late, float(evidence))


def _amounts(amount: Ints) -> float:
    """Equal amounts, or steps between runs of equal ones, speak for a series; a scatter against."""
    size = np.abs(amount)
    small, large = np.minimum(size[1:], size[:-1]), np.maximum(size[1:], size[:-1])
    ratios = np.sort(large / np.maximum(small, 1))
    typical = max(math.log(float(ratios[len(ratios) // 2])), 0.02)
    nats = min(max(math.log(USUAL_SPREAD / typical), UNLIKE_AMOUNT_NATS), LIKE_AMOUNT_NATS)
    return nats * len(ratios)
