"""The months the world tells of. Days are counted from 1970-01-01, instants in seconds."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Days: TypeAlias = NDArray[np.int32]
"""(n,) days since 1970-01-01."""

Seconds: TypeAlias = NDArray[np.int64]
"""(n,) seconds since 1970-01-01 00:00 UTC."""

DAY_S = 86_400
YEAR_DAYS = 365.25

MOST_MONTHS = 60

AHEAD = 3
"""Lives go on for this many months after the window: people plan for what comes."""

_EPOCH = date(1970, 1, 1)


def days_since_epoch(day: date) -> int:
    """A date as days are counted here."""
    return (day - _EPOCH).days


@dataclass(frozen=True)
class Window:
    """`months` months that end on the day before `until`; month m is [edges[m], edges[m + 1])."""

    months: int
    edges: Days

    @classmethod
    def before(cls, until: date, months: int) -> Window:
        """Everything in this window happened before `until`, 00:00 UTC."""
        ends = [shifted(until, step) for step in range(-months, AHEAD + 1)]
        return cls(months, np.array([days_since_epoch(day) for day in ends], dtype=np.int32))

    @property
    def start(self) -> int:
        """The first day."""
        return int(self.edges[0])

    @property
    def until(self) -> int:
        """The first day after the window."""
        return int(self.edges[self.months])

    @property
    def first_day(self) -> date:
        return _EPOCH + timedelta(days=self.start)

    def month_of(self, days: Days) -> NDArray[np.int64]:
        """The month in which each day lies; -1 before the window."""
        return np.searchsorted(self.edges, days, side="right") - 1


def shifted(day: date, months: int) -> date:
    """The same day so many months on, or the last of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
