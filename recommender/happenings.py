"""When something last happened to an account: days are counted from there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from recommender.account import Account, ContactKind
from recommender.days import Days
from recommender.rules.conditions import Happening


def last_day(
    account: Account, happening: Happening, subject: str, at: datetime, days: Days
) -> date | None:
    """The last of the bank's `days` on which it happened, not after `at`; None when it never did.

    `subject` is a product or a kind of case; it says nothing of joining and of contacts.
    """
    return max(_days(account, happening, subject, at, days), default=None)


def _days(
    account: Account, happening: Happening, subject: str, at: datetime, days: Days
) -> Iterator[date]:
    today = days.of(at)
    if happening is Happening.JOINED:
        found = [account.joined_on]
    elif happening in {Happening.OPENED, Happening.CLOSED}:
        opened = happening is Happening.OPENED
        own = [one for one in account.holdings if one.product_id == subject]
        found = [one.opened_on if opened else one.closed_on for one in own]
    else:
        yield from (days.of(when) for when in _instants(account, happening, subject) if when <= at)
        return
    yield from (day for day in found if day is not None and day <= today)


def _instants(account: Account, happening: Happening, subject: str) -> Iterator[datetime]:
    if happening is Happening.CONTACT:
        shown = (one for one in account.contacts if one.kind is ContactKind.SHOWN)
        yield from (contact.at for contact in shown if contact.marketing)
        return
    for case in account.cases:
        if case.kind == subject:
            when = case.opened_at if happening is Happening.CASE_OPENED else case.closed_at
            if when is not None:
                yield when
