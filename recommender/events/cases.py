"""Complaints as their events tell them, in whatever order those arrive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec

from recommender.account import Case
from recommender.catalogue import Memory
from recommender.events.kinds import Complaint, ComplaintOpened
from recommender.rules.conditions import Happening
from recommender.tables import CaseKind, EventKind

CASE_OPENED, CASE_CLOSED = Happening.CASE_OPENED, Happening.CASE_CLOSED

REMEMBERED: Final = timedelta(days=30)
"""A closed case stays so long, lest a late `opened` open it again."""

STATUS: Final = {
    EventKind.COMPLAINT_OPENED: "open",
    EventKind.COMPLAINT_ANSWERED: "answered",
    EventKind.COMPLAINT_CLOSED: "closed",
}
_STAGES: Final = tuple(STATUS.values())


def with_complaint(cases: tuple[Case, ...], event: Complaint, memory: Memory) -> tuple[Case, ...]:
    """`cases` with what `event` says of its own. A closed case is never opened again."""
    promised_at = event.promised_at if isinstance(event, ComplaintOpened) else None
    known = joined((*cases, complaint(event.case_id, event.kind, event.at, promised_at)))
    newest = max(one.closed_at or one.opened_at for one in known)
    return remembered(known, newest, memory)


def complaint(
    case_id: str, kind: EventKind, at: datetime, promised_at: datetime | None = None
) -> Case:
    """The case as far as one event of it tells."""
    closed_at = at if kind is EventKind.COMPLAINT_CLOSED else None
    return Case(case_id, CaseKind.COMPLAINT, STATUS[kind], at, promised_at, closed_at)


def joined(told: Iterable[Case]) -> tuple[Case, ...]:
    """Each case as all that is told of it says together, in whatever order."""
    known: dict[str, Case] = {}
    for one in told:
        before = known.get(one.case_id)
        known[one.case_id] = one if before is None else _joined(before, one)
    return tuple(known.values())


def remembered(cases: Iterable[Case], newest: datetime, memory: Memory) -> tuple[Case, ...]:
    """By instant: the open ones, those closed lately, and of each kind the last that rules ask of.

    Reckoned from the `newest` of them, or from later: no clock and no order of arrival counts.
    """
    known = sorted(cases, key=_order)
    if all(one.closed_at is None for one in known):
        return tuple(known)
    asked = set(_last_ones(known, newest, memory))
    oldest = newest - REMEMBERED
    return tuple(
        one
        for one in known
        if one.closed_at is None or one.closed_at >= oldest or one.case_id in asked
    )


def _last_ones(cases: list[Case], newest: datetime, memory: Memory) -> Iterator[str]:
    """Of each kind the case that was opened last and the one closed last, if a rule looks so far.

    Days are counted since the last, so none before it is ever asked for.
    """
    for kind in {one.kind for one in cases}:
        own = [one for one in cases if one.kind == kind]
        opened = [(one.opened_at, one.case_id) for one in own]
        closed = [(one.closed_at, one.case_id) for one in own if one.closed_at is not None]
        for happening, told in ((CASE_OPENED, opened), (CASE_CLOSED, closed)):
            if told:
                at, case_id = max(told)
                if (newest - at).days <= memory.reach(happening, kind):
                    yield case_id


def _order(case: Case) -> tuple[datetime, str]:
    return (case.opened_at, case.case_id)


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
