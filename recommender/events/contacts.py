"""The contact history: what was shown and what people answered, for as long as it counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from recommender.account import Contact, ContactKind
from recommender.events.kinds import Shown
from recommender.tables import EventKind

CONTACTS: Final = {
    EventKind.IMPRESSION: ContactKind.SHOWN,
    EventKind.DISMISS: ContactKind.DISMISSED,
    EventKind.NOT_INTERESTED: ContactKind.NOT_INTERESTED,
    EventKind.DECLINED: ContactKind.DECLINED,
}

MOST: Final = 200
"""A hostile or broken sender must not make an account's state grow without end."""


def offer(product_id: str | None) -> str:
    """The action that offers a product."""
    return f"offer.{product_id}"


def contact_of(event: Shown) -> Contact | None:
    """The contact that `event` is; None for service and advice, which no budget counts."""
    if event.product_id is None:
        return None
    product = event.product_id
    return Contact(CONTACTS[event.kind], event.at, offer(product), product, event.channel)


def with_contact(contacts: tuple[Contact, ...], contact: Contact, days: int) -> tuple[Contact, ...]:
    """By instant, the newest `MOST` of the last `days` days before the newest.

    Neither bound looks at a clock or at the order of arrival, so that order makes no difference.
    """
    ordered = sorted((*contacts, contact), key=_order)
    oldest = ordered[-1].at - timedelta(days=days)
    return tuple([one for one in ordered if one.at >= oldest][-MOST:])


def _order(contact: Contact) -> tuple[datetime, str, str, str]:
    return (contact.at, contact.kind, contact.action_id, contact.channel)
