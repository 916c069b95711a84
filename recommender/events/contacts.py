"""The contact history: what was shown and what people answered, for as long as it counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from recommender.account import Contact, ContactKind
from recommender.catalogue import Catalogue
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


def contact_of(event: Shown, catalogue: Catalogue) -> Contact | None:
    """The contact that `event` is; None for service, which no budget counts."""
    product = event.product_id
    if product is not None:
        return Contact(CONTACTS[event.kind], event.at, offer(product), product, event.channel)
    if not competes(event.action_id, catalogue):
        return None
    return Contact(CONTACTS[event.kind], event.at, str(event.action_id), None, event.channel)


def competes(action_id: str | None, catalogue: Catalogue) -> bool:
    """Whether it is guidance, which competes with offers."""
    action = catalogue.actions.get(action_id or "")
    return action is not None and action.purpose == "marketing"


def with_contact(contacts: tuple[Contact, ...], contact: Contact, days: int) -> tuple[Contact, ...]:
    """By instant, the newest `MOST` of the last `days` days before the newest.

    Neither bound looks at a clock or at the order of arrival, so that order makes no difference.
    """
    ordered = sorted((*contacts, contact), key=_order)
    oldest = ordered[-1].at - timedelta(days=days)
    return tuple([one for one in ordered if one.at >= oldest][-MOST:])


def _order(contact: Contact) -> tuple[datetime, str, str, str]:
    return (contact.at, contact.kind, contact.action_id, contact.channel)
