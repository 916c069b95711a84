"""The contact history: what was shown and what people answered, for as long as it counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from recommender.account import Contact, ContactKind
from recommender.catalogue import Catalogue
from recommender.events.kinds import Shown
from recommender.rules.conditions import Happening
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
    if product is None and event.action_id not in catalogue.guidance:
        return None
    return contact(event.kind, event.at, product, event.action_id, event.channel)


def contact(
    kind: EventKind, at: datetime, product_id: str | None, action_id: str | None, channel: str
) -> Contact:
    """An offer's contact is about its product, all else is about its action."""
    action = str(action_id) if product_id is None else offer(product_id)
    return Contact(CONTACTS[kind], at, action, product_id, channel)


def with_contact(
    contacts: tuple[Contact, ...], contact: Contact, catalogue: Catalogue
) -> tuple[Contact, ...]:
    return counted((*contacts, contact), catalogue)


def counted(
    contacts: Iterable[Contact], catalogue: Catalogue, newest: datetime | None = None
) -> tuple[Contact, ...]:
    """By instant, the newest `MOST` that count against a budget or rest, and the last one shown
    where rules ask when that was.

    Reckoned from the newest of them, or from `newest`: no clock and no order of arrival counts.
    """
    ordered = sorted(contacts, key=_order)
    if not ordered:
        return ()
    oldest = (newest or ordered[-1].at) - timedelta(days=catalogue.contact.counted_days)
    kept = [one for one in ordered if one.at >= oldest][-MOST:]
    if catalogue.memory.reach(Happening.CONTACT) >= 0:
        last = next((one for one in reversed(ordered) if _is_contact(one)), None)
        if last is not None and not any(map(_is_contact, kept)):
            kept.insert(0, last)
    return tuple(kept)


def _is_contact(contact: Contact) -> bool:
    """Whether days since the last contact are counted from it."""
    return contact.marketing and contact.kind is ContactKind.SHOWN


def _order(contact: Contact) -> tuple[datetime, str, str, str]:
    return (contact.at, contact.kind, contact.action_id, contact.channel)
