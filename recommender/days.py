"""The bank's days: which one an instant belongs to, and when it ends. Never the server's."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

DAY = timedelta(days=1)


class Days:
    """The days of one time zone."""

    __slots__ = ("_latest", "zone")

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        none_yet = datetime.max.replace(tzinfo=UTC)
        self._latest = (none_yet, none_yet, date.max)

    def of(self, at: datetime) -> date:
        """The day that `at` (aware) belongs to."""
        begins, ends, day = self._latest  # nearly everybody asks about today
        if begins <= at < ends:
            return day
        return self._look_up(at)[2]

    def ends(self, at: datetime) -> datetime:
        """The first instant (UTC) after the day of `at`, which itself is aware."""
        begins, ends, _ = self._latest
        return ends if begins <= at < ends else self._look_up(at)[1]

    def _look_up(self, at: datetime) -> tuple[datetime, datetime, date]:
        day = at.astimezone(self.zone).date()
        self._latest = found = (begins(day, self.zone), begins(day + DAY, self.zone), day)
        return found


@lru_cache(maxsize=64)
def begins(day: date, zone: tzinfo) -> datetime:
    """The first instant of a day, UTC. Where the clock skips midnight, it is when it goes on."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
