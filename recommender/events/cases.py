"""Complaints as their events tell them, in whatever order those arrive."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from recommender.account import Case
from recommender.events.kinds import Complaint, ComplaintClosed, ComplaintOpened
from recommender.tables import CaseKind, EventKind

REMEMBERED: Final = timedelta(days=30)
"""A closed case stays so long (before the newest), lest a late `opened` open it again."""

STATUS: Final = {
    EventKind.COMPLAINT_OPENED: "open",
    EventKind.COMPLAINT_ANSWERED: "answered",
    EventKind.COMPLAINT_CLOSED: "closed",
}
_STAGES: Final = tuple(STATUS.values())


def with_complaint(cases: tuple[Case, ...], event: Complaint) -> tuple[Case, ...]:
    """`cases` with what `event` says of its own. A closed case is never opened again."""
    others = [one for one in cases if one.case_id != event.case_id]
    before = next((one for one in cases if one.case_id == event.case_id), None)
    told = _told(event)
    known = told if before is None else _joined(before, told)
    joined = sorted((*others, known), key=lambda one: (one.opened_at, one.case_id))
    oldest = max(one.closed_at or one.opened_at for one in joined) - REMEMBERED
    return tuple(one for one in joined if one.closed_at is None or one.closed_at >= oldest)


def _told(event: Complaint) -> Case:
    return Case(
        event.case_id,
        CaseKind.COMPLAINT,
        STATUS[event.kind],
        event.at,
        promised_at=event.promised_at if isinstance(event, ComplaintOpened) else None,
        closed_at=event.at if isinstance(event, ComplaintClosed) else None,
    )


def _joined(one: Case, other: Case) -> Case:
    """Commutative and associative: a case is what all its events say together."""
    return msgspec.structs.replace(
        one,
        status=max(one.status, other.status, key=_stage),
        opened_at=min(one.opened_at, other.opened_at),
        promised_at=_last(one.promised_at, other.promised_at),
        closed_at=_last(one.closed_at, other.closed_at),
    )


def _stage(status: str) -> int:
    """How far a case is; what the bank calls otherwise is only the beginning."""
    return _STAGES.index(status) if status in _STAGES else -1


def _last(one: datetime | None, other: datetime | None) -> datetime | None:
    known = [at for at in (one, other) if at is not None]
    return max(known, default=None)
