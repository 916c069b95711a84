"""When time alone changes an account's alerts, and when a person may be disturbed about them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from recommender.account import Account
from recommender.alerts.lookout import Lookout
from recommender.catalogue import AlertKind
from recommender.catalogue.alerts import QuietHours
from recommender.days import DAY


def turns_at(account: Account, at: datetime, lookout: Lookout) -> datetime | None:
    """The first instant after `at` at which alerts may change though nothing happens, or None.

    Days begin at midnight of the bank; a promise breaks at its instant, and a kind that waits for
    room has it when an earlier alert of it is old enough.
    """
    if not _has_dates(account, at, lookout):
        return None
    return min((lookout.days.ends(at), *turns_within_days(account, at, lookout)))


def turns_within_days(account: Account, at: datetime, lookout: Lookout) -> Iterator[datetime]:
    """The instants of `turns_at` that are no midnights, in no order."""
    for case in account.cases:
        for moment in (case.opened_at, case.promised_at, case.closed_at):
            if moment is not None and moment > at:
                yield moment
    for record in account.alerts:
        watch = lookout.watches.get(record.kind)
        if watch is not None and watch.kind.at_most is not None:
            ends = (moment + timedelta(watch.kind.at_most.days) for moment in record.raised)
            yield from (end for end in ends if end > at)


def _has_dates(account: Account, at: datetime, lookout: Lookout) -> bool:
    return bool(
        account.alerts
        or account.coming
        or account.ahead is not None
        or any(case.closed_at is None or case.closed_at > at for case in account.cases)
        or any(held.ends_on is not None and held.closed_on is None for held in account.holdings)
        or lookout.conditional
    )


def push_from(
    kind: AlertKind | None, quiet: QuietHours | None, at: datetime, zone: tzinfo
) -> datetime:
    """The first instant from `at` on (UTC) at which this kind may disturb somebody; None is any
    that keeps quiet hours.
    """
    if quiet is None or (kind is not None and kind.quiet_hours == "exempt"):
        return at
    local = at.astimezone(zone)
    clock = local.time().replace(fold=0)
    if quiet.begin < quiet.end:
        if not quiet.begin <= clock < quiet.end:
            return at
        day = local.date()
    elif clock >= quiet.begin:
        day = local.date() + DAY
    elif clock < quiet.end:
        day = local.date()
    else:
        return at
    # by the clock on the wall: a night of 23 or 25 hours ends at the same time of day, and an hour
    # that comes twice is quiet twice
    return datetime.combine(day, quiet.end.replace(fold=local.fold), zone).astimezone(UTC)


def pushed_through(preference: str | None, channels: tuple[str, ...]) -> str:
    """The channel that the person prefers, where it is one that pushes; else the first."""
    return preference if preference in channels else channels[0]
