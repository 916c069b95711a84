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
SHORTEST: Final = {
    Period.WEEKLY: 7,
    Period.FOUR_WEEKLY: 28,
    Period.MONTHLY: 25,
    Period.QUARTERLY: 85,
    Period.YEARLY: 360,
}
"""No two due days are closer than this, whatever weekends do."""

_MONTH_DAYS = 30.44
WEEKENDS: Final = tuple(Weekend)
"""A weekend's code is its place here."""

_SHIFT = np.array(
    [  # Monday to Sunday, by WEEKENDS
        [0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 2, 1],
        [0, 0, 0, 0, 0, -1, -2],
    ]
)
_PRECEDING = WEEKENDS.index(Weekend.PRECEDING)
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
        return due_days(self.period, cycle, self.day, self.phase, WEEKENDS.index(self.weekend))

    def cycle(self, day: Ints) -> Ints:
        """The cycle whose due day is nearest to each day."""
        return nearest_cycle(self.period, day, self.day, self.phase)


def due_days(
    period: Period, cycle: Ints, day: Ints | int, phase: Ints | int, weekend: Ints | int
) -> Ints:
    """The day on which each of `cycle` (n,) is due: of one rhythm, or (n,) each of its own.

    `day` and `phase` are those of Rhythm, `weekend` is a code.
    """
    if period in DAYS:
        return cycle * DAYS[period] + day
    month = cycle * MONTHS[period] + phase
    first, following = _first(month), _first(month + 1)
    last = np.equal(day, LAST_WORKING_DAY)
    due = np.minimum(first + np.where(last, 31, day), following) - 1
    moved: Ints = due + _SHIFT[np.where(last, _PRECEDING, weekend), (due + _THURSDAY) % 7]
    return moved


def nearest_cycle(period: Period, on: Ints, day: Ints | int, phase: Ints | int) -> Ints:
    """The cycle whose due day is nearest to each of `on` (n,); else as `due_days`."""
    if period in DAYS:
        step = DAYS[period]
        return (on - day + step // 2) // step
    within = np.where(np.equal(day, LAST_WORKING_DAY), 30, day) / _MONTH_DAYS
    months = (_position(on) - within - phase) / MONTHS[period]
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
