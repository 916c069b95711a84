"""Cases: complaints, applications for credit and orders of things that must be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from recommender.tables import CaseKind, EventKind
from training.world.browsing import moments
from training.world.draws import Codes, Flags, Rows, repeated
from training.world.happenings import Happenings, together
from training.world.scene import Scene
from training.world.window import DAY_S, Seconds, Window

COMPLAINTS_A_MONTH = 0.005
ANSWERED_AFTER_DAYS, CLOSED_AFTER_DAYS = 4.0, 9.0
PROMISED_DAYS = 10

APPLIED_FOR: Final = ("mortgage", "car_loan", "renovation_loan", "business_loan", "overdraft")
SENT: Final = ("credit_card", "payment_terminal")

KINDS: Final = tuple(CaseKind)
STATUSES: Final = ("open", "answered", "closed")
OPEN, ANSWERED, CLOSED = range(3)

NEVER: Final = -1


@dataclass(frozen=True)
class Cases:
    """(m,) each; `closed` is NEVER while it has not been closed before the window's end."""

    person: Rows
    kind: Codes
    status: Codes
    opened: Seconds
    promised: Seconds
    closed: Seconds


def cases(rng: np.random.Generator, scene: Scene) -> tuple[Cases, Happenings]:
    """All cases of the window, and the events that tell of the complaints."""
    complaints, told = _complaints(rng, scene)
    parts = [
        complaints,
        _applications(rng, scene),
        _pending(rng, scene),
        _orders(rng, scene),
    ]
    columns = ("person", "kind", "status", "opened", "promised", "closed")
    return Cases(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in columns)
    ), told


def _case(
    kind: CaseKind, person: Rows, opened: Seconds, closed: Seconds, window: Window, answered: Flags
) -> Cases:
    """Cases of one kind; what would close after the window is still open."""
    closed = np.where(closed < window.until * DAY_S, closed, NEVER)
    status = np.where(closed != NEVER, CLOSED, np.where(answered, ANSWERED, OPEN))
    return Cases(
        person=person,
        kind=np.full(len(person), KINDS.index(kind), dtype=np.int8),
        status=status.astype(np.int8),
        opened=opened,
        promised=opened + PROMISED_DAYS * DAY_S,
        closed=closed,
    )


def _complaints(rng: np.random.Generator, scene: Scene) -> tuple[Cases, Happenings]:
    lives, window = scene.lives, scene.window
    person = repeated(rng.poisson(COMPLAINTS_A_MONTH * window.months, len(lives)))
    days = rng.integers(window.start, window.until, len(person)).astype(np.int32)
    known = days > lives.joined[person]
    person, opened = person[known], moments(rng, days[known])
    answered = opened + (rng.exponential(ANSWERED_AFTER_DAYS, len(person)) * DAY_S).astype(np.int64)
    closed = answered + (rng.exponential(CLOSED_AFTER_DAYS, len(person)) * DAY_S).astype(np.int64)
    end = window.until * DAY_S
    told = {
        EventKind.COMPLAINT_OPENED: opened,
        EventKind.COMPLAINT_ANSWERED: answered,
        EventKind.COMPLAINT_CLOSED: closed,
    }
    channel = scene.profile.channel_of(rng, person)
    events = together(
        Happenings.of(person[at < end], at[at < end], kind, channel=channel[at < end])
        for kind, at in told.items()
    )
    return _case(CaseKind.COMPLAINT, person, opened, closed, window, answered < end), events


def _applications(rng: np.random.Generator, scene: Scene) -> Cases:
    """Credit is applied for before it is had; the case closes as it opens."""
    taken, lives, window = scene.outcome.taken, scene.lives, scene.window
    rows = np.flatnonzero(
        np.isin(taken.product, [scene.shelf.row(name) for name in APPLIED_FOR])
        & (taken.opened >= window.start)
    )
    person = taken.person[rows]
    closed = taken.opened[rows].astype(np.int64) * DAY_S + 9 * 3600
    opened = closed - rng.integers(2, 21, len(rows)) * DAY_S
    joined = np.maximum(lives.joined[person].astype(np.int64), window.start) * DAY_S
    opened = np.minimum(np.maximum(opened, joined + 12 * 3600), closed)
    return _case(CaseKind.APPLICATION, person, opened, closed, window, opened < 0)


def _pending(rng: np.random.Generator, scene: Scene) -> Cases:
    """Applications of the last weeks that nobody has decided on yet."""
    considered, window = scene.outcome.considered, scene.window
    rows = np.flatnonzero(
        np.isin(considered.product, [scene.shelf.row(name) for name in APPLIED_FOR])
        & (considered.day >= window.until - 21)
        & (rng.random(len(considered.day)) < 0.5)
    )
    opened = considered.day[rows].astype(np.int64) * DAY_S + 14 * 3600
    never = np.full(len(rows), window.until * DAY_S, dtype=np.int64)
    return _case(CaseKind.APPLICATION, considered.person[rows], opened, never, window, opened < 0)


def _orders(rng: np.random.Generator, scene: Scene) -> Cases:
    taken, window = scene.outcome.taken, scene.window
    rows = np.flatnonzero(
        np.isin(taken.product, [scene.shelf.row(name) for name in SENT])
        & (taken.opened >= window.start)
    )
    opened = taken.opened[rows].astype(np.int64) * DAY_S + 16 * 3600
    closed = opened + rng.integers(3, 11, len(rows)) * DAY_S
    return _case(CaseKind.ORDER, taken.person[rows], opened, closed, window, opened < 0)
