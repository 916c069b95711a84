"""When something recurs: the calendar arithmetic of periods, in days since 1970-01-01."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from recommender.account import Wire
from recommender.money.booking import Ints

Floats: TypeAlias = NDArray[np.float64]

LAST_WORKING_DAY: Final = 0
"""The `day` of a rhythm by month that falls on its last Monday-to-Friday day."""


class Period(StrEnum):
    WEEKLY = "weekly"
    FOUR_WEEKLY = "four_weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


class Weekend(StrEnum):
    """What becomes of a due day on a Saturday or Sunday."""

    STAYS = "stays"
    FOLLOWING = "following"
    PRECEDING = "preceding"


DAYS: Final = {Period.WEEKLY: 7, Period.FOUR_WEEKLY: 28}
MONTHS: Final = {Period.MONTHLY: 1, Period.QUARTERLY: 3, Period.YEARLY: 12}
LENGTH: Final = {
    Period.WEEKLY: 7.0,
    Period.FOUR_WEEKLY: 28.0,
    Period.MONTHLY: 30.44,
    Period.QUARTERLY: 91.31,
    Period.YEARLY: 365.25,
}
"""Days in a period, on average."""

_MONTH_DAYS = 30.44
_SHIFT = {
    # Monday to Sunday
    Weekend.FOLLOWING: np.array([0, 0, 0, 0, 0, 2, 1]),
    Weekend.PRECEDING: np.array([0, 0, 0, 0, 0, -1, -2]),
}
_THURSDAY = 3
"""The weekday of 1970-01-01."""


class Rhythm(Wire, frozen=True):
    """`day`: of the month (31 is its last day), LAST_WORKING_DAY, or days after a multiple of the
    period since 1970. `phase`: the first month since 1970 of a rhythm by quarter or year.
    """

    period: Period
    day: int
    phase: int = 0
    weekend: Weekend = Weekend.STAYS

    def due(self, cycle: Ints) -> Ints:
        """The day on which each cycle is due."""
        if self.period in DAYS:
            return cycle * DAYS[self.period] + self.day
        month = cycle * MONTHS[self.period] + self.phase
        first, following = _first(month), _first(month + 1)
        if self.day == LAST_WORKING_DAY:
            return _moved(following - 1, Weekend.PRECEDING)
        due: Ints = np.minimum(first + self.day, following) - 1
        return due if self.weekend == Weekend.STAYS else _moved(due, self.weekend)

    def cycle(self, day: Ints) -> Ints:
        """The cycle whose due day is nearest to each day."""
        if self.period in DAYS:
            step = DAYS[self.period]
            return (day - self.day + step // 2) // step
        within = (self.day or 30) / _MONTH_DAYS
        months = (_position(day) - within - self.phase) / MONTHS[self.period]
        nearest: Ints = np.rint(months).astype(np.int64)
        return nearest


def month_of(day: Ints) -> Ints:
    """Months since January 1970."""
    months: Ints = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months


def day_of_month(day: Ints) -> Ints:
    """1 to 31."""
    return day - _first(month_of(day)) + 1


def _first(month: Ints) -> Ints:
    days: Ints = month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return days


def _position(day: Ints) -> Floats:
    """Months since 1970 with their fraction."""
    month = month_of(day)
    position: Floats = month + (day - _first(month) + 1) / _MONTH_DAYS
    return position


def _moved(day: Ints, weekend: Weekend) -> Ints:
    moved: Ints = day + _SHIFT[weekend][(day + _THURSDAY) % 7]
    return moved
