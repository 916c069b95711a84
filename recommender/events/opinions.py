"""What people think of us, on one scale: 0 to 100."""

from __future__ import annotations

from datetime import datetime

from recommender.account import Opinion
from recommender.tables import EventKind


def opinion_of(kind: EventKind, value: int, at: datetime) -> Opinion:
    """A rating has five steps, from 0 to 100; an NPS answer has eleven."""
    share = (value - 1) / 4 if kind is EventKind.RATING else value / 10
    return Opinion(round(100 * share), at)


def later(known: Opinion | None, told: Opinion) -> Opinion:
    """The last one counts; of two at one instant the worse."""
    if known is None:
        return told
    return max(known, told, key=lambda one: (one.at, -one.score))
