"""How far a person is on the way to each product, in whatever order the steps are told."""

from __future__ import annotations

from datetime import datetime

import msgspec

from recommender.account import Application
from recommender.tables import EventKind


def with_step(application: Application, kind: EventKind, at: datetime, channel: str) -> Application:
    """`application` with one step more: start, submit or taken. The last of each kind counts."""
    if kind is EventKind.START:
        before = (application.started_at, application.channel)
        if before[0] is not None and (before[0], before[1] or "") >= (at, channel):
            return application
        return msgspec.structs.replace(application, started_at=at, channel=channel)
    if kind is EventKind.SUBMIT:
        return msgspec.structs.replace(
            application, submitted_at=_last(application.submitted_at, at)
        )
    return msgspec.structs.replace(application, taken_at=_last(application.taken_at, at))


def joined(one: Application, other: Application) -> Application:
    """What both tell together, in either order."""
    steps = (
        (EventKind.START, other.started_at),
        (EventKind.SUBMIT, other.submitted_at),
        (EventKind.TAKEN, other.taken_at),
    )
    for kind, at in steps:
        if at is not None:
            one = with_step(one, kind, at, other.channel or "")
    return one


def _last(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else max(known, at)
