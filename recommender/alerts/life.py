"""The life of an alert: raised, delivered, seen, dismissed, and in the end resolved or expired.

Pure: what became of an account's alerts is in the account, and every step gives the account that
comes after. Steps may be repeated: a step that was taken changes nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from recommender.account import MOST_RAISINGS, Account, AlertRecord, AlertStatus
from recommender.alerts.lookout import FactsLater, Finding, Lookout
from recommender.decision import Alert

REMEMBERED: Final = timedelta(days=31)
"""How long an alert that is over stays on record, at least: it may come back."""

MOST: Final = 100
"""Records of one account: so many hold at once at most, and what is over longest goes first."""

FORWARD: Final = (
    AlertStatus.RAISED,
    AlertStatus.DELIVERED,
    AlertStatus.SEEN,
    AlertStatus.DISMISSED,
)

ON_SCREEN: Final = FORWARD[:-1]

Records = Mapping[str, AlertRecord]


class Change(msgspec.Struct, frozen=True):
    """A step in an alert's life; `alert` is what there is to tell when it was raised."""

    alert_id: str
    kind: str
    status: AlertStatus
    times: int
    at: datetime
    alert: Alert | None = None


def shown(account: Account, facts: FactsLater, at: datetime, lookout: Lookout) -> tuple[Alert, ...]:
    """What holds and was not dismissed, with what became of it. `facts` as `Lookout.findings`."""
    found = lookout.findings(account, facts, at)
    if not found:
        return ()
    records = {record.alert_id: record for record in account.alerts}
    alerts = []
    for one in found:
        record = records.get(one.alert.alert_id)
        if _is_to_be_raised(one, record) and _is_room(one, records, at):
            alerts.append(one.alert)
            records[one.alert.alert_id] = _raised(one, record, at)
        elif record is not None and record.status in ON_SCREEN:
            alerts.append(_with(one.alert, record))
    return tuple(alerts)


def advance(account: Account, at: datetime, lookout: Lookout) -> Account:
    """`account` with its alerts as they are at `at`: what came is raised, what went is over.

    The same object when nothing changed.
    """
    readable, facts = lookout.readable(account, at)
    findings = lookout.findings(readable, facts, at)
    if not findings and not account.alerts:
        return account
    records = {record.alert_id: record for record in account.alerts}
    held = {one.alert.alert_id for one in findings}
    today = lookout.days.of(at)
    for alert_id, record in records.items():
        if alert_id not in held and not record.over:
            records[alert_id] = _over(record, today, at)
    for one in findings:
        before = records.get(one.alert.alert_id)
        if _is_to_be_raised(one, before) and _is_room(one, records, at):
            records[one.alert.alert_id] = _raised(one, before, at)
    alerts = _remembered(records.values(), at, lookout)
    return account if alerts == account.alerts else msgspec.structs.replace(account, alerts=alerts)


def answered(
    alerts: tuple[AlertRecord, ...], alert_id: str, status: AlertStatus, at: datetime
) -> tuple[AlertRecord, ...]:
    """`alerts` after the person, or what delivers to them, did something with one of them.

    It only goes forward, so the order in which these arrive makes no difference. What was done
    before the alert was raised once more says nothing of that.
    """
    return tuple(
        msgspec.structs.replace(record, status=status, changed_at=at)
        if record.alert_id == alert_id and _goes_forward(record, status, at)
        else record
        for record in alerts
    )


def changes_between(
    before: tuple[AlertRecord, ...], account: Account, at: datetime, lookout: Lookout
) -> list[Change]:
    """What became of the alerts since `before`, in the order in which it happened."""
    if account.alerts == before:
        return []
    known = {record.alert_id: (record.status, record.times) for record in before}
    changed = [
        record
        for record in account.alerts
        if known.get(record.alert_id) != (record.status, record.times)
    ]
    now: dict[str, Alert] = {}
    if any(record.status == AlertStatus.RAISED for record in changed):
        readable, facts = lookout.readable(account, at)
        now = {alert.alert_id: alert for alert in shown(readable, facts, at, lookout)}
    # what ended makes room, on a screen as on record, for what begins
    changed.sort(key=lambda record: (not record.over, record.changed_at))
    return [
        Change(
            record.alert_id,
            record.kind,
            record.status,
            record.times,
            record.changed_at,
            now.get(record.alert_id) if record.status == AlertStatus.RAISED else None,
        )
        for record in changed
    ]


def _is_to_be_raised(one: Finding, record: AlertRecord | None) -> bool:
    """For the first time, when its cause came back, or when it became materially worse."""
    if record is None or record.over:
        return True
    return one.watch.kind.worse.than(record.stake_minor, one.cause.stake_minor)


def _is_room(one: Finding, records: Records, at: datetime) -> bool:
    """Whether it may be raised: not too many of its kind were, and the account has room."""
    known = records.get(one.alert.alert_id)
    if (known is None or known.over) and sum(not each.over for each in records.values()) >= MOST:
        return False
    most = one.watch.kind.at_most
    if most is None:
        return True
    since = at - timedelta(most.days)
    raisings = (
        moment
        for record in records.values()
        if record.kind == one.watch.name
        for moment in record.raised
        if moment > since
    )
    return sum(1 for _ in raisings) < most.times


def _raised(one: Finding, before: AlertRecord | None, at: datetime) -> AlertRecord:
    raised = () if before is None else before.raised
    return AlertRecord(
        alert_id=one.alert.alert_id,
        kind=one.watch.name,
        status=AlertStatus.RAISED,
        raised=(*raised, at)[-MOST_RAISINGS:],
        changed_at=at,
        stake_minor=one.cause.stake_minor,
        times=1 if before is None else before.times + 1,
        day=one.cause.day,
    )


def _over(record: AlertRecord, today: date, at: datetime) -> AlertRecord:
    past = record.day is not None and record.day < today
    status = AlertStatus.EXPIRED if past else AlertStatus.RESOLVED
    return msgspec.structs.replace(record, status=status, changed_at=at)


def _goes_forward(record: AlertRecord, status: AlertStatus, at: datetime) -> bool:
    if record.over or FORWARD.index(status) <= FORWARD.index(record.status):
        return False
    return record.times == 1 or at >= record.raised[-1]


def _with(alert: Alert, record: AlertRecord) -> Alert:
    return msgspec.structs.replace(alert, status=record.status, raised_at=record.raised[-1])


def _remembered(
    records: Iterable[AlertRecord], at: datetime, lookout: Lookout
) -> tuple[AlertRecord, ...]:
    """What still counts, in an order that depends on nothing but what is in it."""
    kept = [
        record
        for record in records
        if not record.over or record.changed_at > at - _memory(record.kind, lookout)
    ]
    kept.sort(key=_lasting)
    return tuple(kept[-MOST:])


def _lasting(record: AlertRecord) -> tuple[bool, datetime, str]:
    """Who may go first: what is over, the longest ago. An answer changes nobody's place."""
    since = record.changed_at if record.over else record.raised[-1]
    return (not record.over, since, record.alert_id)


def _memory(kind: str, lookout: Lookout) -> timedelta:
    watch = lookout.watches.get(kind)
    if watch is None or watch.kind.at_most is None:
        return REMEMBERED
    return max(REMEMBERED, timedelta(watch.kind.at_most.days))
