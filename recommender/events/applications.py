"""How far a person is on the way to each product, in whatever order the steps are told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from recommender.account import Application
from recommender.tables import EventKind

NEVER: Final = datetime.min.replace(tzinfo=UTC)


def with_step(application: Application, kind: EventKind, at: datetime, channel: str) -> Application:
    """`application` with one step more: start, submit or taken. The last of each kind counts."""
    if kind is EventKind.START:
        return joined(application, Application(started_at=at, channel=channel))
    if kind is EventKind.SUBMIT:
        return joined(application, Application(submitted_at=at))
    return joined(application, Application(taken_at=at))


def joined(one: Application, other: Application) -> Application:
    """What both tell together. Commutative and associative; nothing is told twice."""
    begun = max(one, other, key=_begun)
    return Application(
        begun.started_at,
        begun.channel,
        _last(one.submitted_at, other.submitted_at),
        _last(one.taken_at, other.taken_at),
    )


def _begun(application: Application) -> tuple[bool, datetime, str]:
    at = application.started_at
    return (at is not None, at or NEVER, application.channel or "")


def _last(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)
