"""One event more: what is known about a person after it. Pure, and free of the order of arrival.

Interest is the same decayed sum that training computes from the event log; a test holds the two
together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Final

import msgspec

from recommender.account import (
    Account,
    AlertStatus,
    Application,
    Interest,
    Value,
)
from recommender.alerts.life import answered
from recommender.catalogue import Catalogue
from recommender.catalogue.alerts import zone_of
from recommender.conform import fits
from recommender.errors import StateError
from recommender.events.applications import with_step
from recommender.events.balance import with_balance
from recommender.events.cases import with_complaint
from recommender.events.contacts import contact_of, with_contact
from recommender.events.holdings import with_taking
from recommender.events.kinds import (
    About,
    AboutAlert,
    Complaint,
    ContextChange,
    Event,
    Nps,
    PreferenceChange,
    Rating,
    Shown,
    Step,
    Taken,
    Transaction,
)
from recommender.events.opinions import later, opinion_of
from recommender.events.preferences import covered, with_preference
from recommender.interests import fold as fold_interest
from recommender.money.booking import Booking
from recommender.money.finances import pack_finances, unpack_finances
from recommender.money.matching import still_coming
from recommender.tables import EventKind

ANSWERS: Final = {
    EventKind.ALERT_DELIVERED: AlertStatus.DELIVERED,
    EventKind.ALERT_SEEN: AlertStatus.SEEN,
    EventKind.ALERT_DISMISSED: AlertStatus.DISMISSED,
}


def fold(account: Account, event: Event, catalogue: Catalogue) -> Account:
    """`account` as it stands after `event`; the same object when the event changes nothing.

    Events may come in any order but not twice: who calls sees to that. What the catalogue does not
    have is not folded. Without consent to personalisation no interest is, and a profile begins anew
    with the last word on it. As a sum cannot be taken apart again, a word that comes late takes
    with it what was looked at after it: less than training counts, never more.
    """
    changes: dict[str, Any] = {}
    for effect in _effects_of(type(event)):
        changes |= effect(account, event, catalogue)
    return msgspec.structs.replace(account, **changes) if changes else account


@cache
def _effects_of(kind: type[Event]) -> tuple[Effect, ...]:
    return tuple(effect for kinds, effect in EFFECTS if issubclass(kind, kinds))


def _interests(account: Account, event: About | Step, catalogue: Catalogue) -> dict[str, Any]:
    weight = catalogue.interest.weights.get(event.kind)
    if weight is None or not covered(account, event.at):
        return {}
    product = catalogue.products.get(event.product_id or "")
    domain = event.domain or (product.domain if product else None)
    changes = {}
    if product is not None and event.product_id is not None:
        changes["product_interest"] = _warmer(
            account.product_interest, event.product_id, weight, event.at, catalogue
        )
    if domain in catalogue.domains:
        changes["domain_interest"] = _warmer(
            account.domain_interest, domain, weight, event.at, catalogue
        )
    return changes


def _warmer(
    interests: Mapping[str, Interest],
    subject: str,
    weight: float,
    at: datetime,
    catalogue: Catalogue,
) -> dict[str, Interest]:
    half_life_days = catalogue.interest.half_life_days
    folded = fold_interest(interests.get(subject), weight, at, half_life_days)
    return {**interests, subject: folded}


def _contacts(account: Account, event: Shown, catalogue: Catalogue) -> dict[str, Any]:
    contact = contact_of(event, catalogue)
    if contact is None:
        return {}
    return {"contacts": with_contact(account.contacts, contact, catalogue)}


def _applications(account: Account, event: Step, catalogue: Catalogue) -> dict[str, Any]:
    product = event.product_id
    if product not in catalogue.products:
        return {}
    before = account.applications.get(product, Application())
    after = with_step(before, event.kind, event.at, event.channel)
    return {} if after == before else {"applications": {**account.applications, product: after}}


def _holdings(account: Account, event: Taken, catalogue: Catalogue) -> dict[str, Any]:
    if event.product_id not in catalogue.products:
        return {}
    holdings = with_taking(account.holdings, event.product_id, _day(event.at, catalogue))
    return {} if holdings == account.holdings else {"holdings": holdings}


def _attributes(account: Account, event: ContextChange, catalogue: Catalogue) -> dict[str, Any]:
    """The last change counts, not the last to arrive, and of several at one instant the value whose
    JSON is the smallest. Audits' attributes stay out of serving.

    Values that two catalogues read belong to neither: whoever reads the account makes them fit.
    """
    name = event.attribute
    declared = catalogue.attributes.get(name)
    known_at = account.changed_at.get(name)
    if declared is None or declared.uses == ("audit",) or not fits(event.after, declared):
        return {}
    if known_at is not None and known_at > event.at:
        return {}
    if known_at == event.at and _text(account.attributes.get(name)) < _text(event.after):
        return {}
    attributes = {**account.attributes}
    attributes.pop(name, None)
    if event.after is not None:
        attributes[name] = event.after
    changed_at = {**account.changed_at, name: event.at}
    declares = account.declares if account.declares == catalogue.declares else ""
    return {"attributes": attributes, "changed_at": changed_at, "declares": declares}


def _text(value: Value | None) -> bytes:
    return msgspec.json.encode(value)


def _money(account: Account, event: Transaction, catalogue: Catalogue) -> dict[str, Any]:
    """The balance after it, what was coming without what has now come, and what recurs after one
    more. What the tables tell up to and with its day, they tell of it too; a booking of their last
    day that came after they were made waits for the next tables.
    """
    if event.currency != catalogue.currency:
        return {}
    changes: dict[str, Any] = {}
    booking = Booking(
        _day(event.at, catalogue),
        event.amount_minor,
        event.currency,
        event.counterparty,
        event.scheme,
        booking_id=event.event_id,
    )
    if account.booked_until is None or account.booked_until < booking.booked_on:
        coming = still_coming(account.coming, booking)
        if coming != account.coming:
            changes["coming"] = coming
        changes |= with_balance(account, event)
    if account.finances:
        finances = _with_booking(account.finances, booking)
        if finances != account.finances:
            changes["finances"] = finances
    return changes


def _with_booking(packed: bytes, booking: Booking) -> bytes:
    try:
        finances = unpack_finances(packed)
    except StateError:  # of another version: the next publication brings those of this one
        return b""
    after = finances.after(booking)
    return packed if after is finances else pack_finances(after)


def _day(at: datetime, catalogue: Catalogue) -> date:
    """The bank's."""
    return at.astimezone(zone_of(catalogue.timezone)).date()


def _alerts(account: Account, event: AboutAlert, _catalogue: Catalogue) -> dict[str, Any]:
    alerts = answered(account.alerts, event.alert_id, ANSWERS[event.kind], event.at)
    return {} if alerts == account.alerts else {"alerts": alerts}


def _opinion(account: Account, event: Rating | Nps, _catalogue: Catalogue) -> dict[str, Any]:
    known = later(account.opinion, opinion_of(event.kind, event.value, event.at))
    return {} if known == account.opinion else {"opinion": known}


def _cases(account: Account, event: Complaint, catalogue: Catalogue) -> dict[str, Any]:
    return {"cases": with_complaint(account.cases, event, catalogue.memory)}


def _wishes(account: Account, event: PreferenceChange, _catalogue: Catalogue) -> dict[str, Any]:
    return with_preference(account, event)


Effect = Callable[[Account, Any, Catalogue], dict[str, Any]]
EFFECTS: Final[tuple[tuple[type | tuple[type, ...], Effect], ...]] = (
    ((About, Step), _interests),
    (Shown, _contacts),
    (Step, _applications),
    (Taken, _holdings),
    ((Rating, Nps), _opinion),
    (Complaint, _cases),
    (ContextChange, _attributes),
    (PreferenceChange, _wishes),
    (Transaction, _money),
    (AboutAlert, _alerts),
)
"""What each kind of event changes: the fields of the account that it gives another value."""
