"""The nearest change: all that would have to be otherwise for a product to pass every hard stage.

Each closed gate, in the order of the funnel, says what opens it. Where one of them can never open
there is no such change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import msgspec

from recommender.account import Account, Frequency
from recommender.catalogue import Catalogue, Product
from recommender.decision import Decision
from recommender.funnel import ContactState, contact_state
from recommender.live import Live
from recommender.rules import Condition, Facts
from recommender.rules.conditions import All, Happening, Holds, Not
from recommender.rules.near_words import Calendar, change_in_words
from recommender.rules.nearest import Change, nearest
from recommender.rules.speaker import Speaker
from recommender.words import date_name

NO_WAY = None
"""What a gate says that nothing opens."""

Said = tuple[str, ...] | None


@dataclass(frozen=True)
class Situation:
    """Who was decided about, and under what. `account` is as the decision saw it; `live` is what is
    in force on its day.
    """

    account: Account
    facts: Facts
    decision: Decision
    live: Live

    @property
    def catalogue(self) -> Catalogue:
        return self.live.catalogue

    @cached_property
    def speaker(self) -> Speaker:
        return Speaker(self.catalogue, self.decision.language)

    @cached_property
    def calendar(self) -> Calendar:
        account = self.account
        return Calendar(self.live.days.of(self.decision.at), account.birth_date, account.joined_on)

    @cached_property
    def contact_states(self) -> tuple[tuple[datetime, ContactState], ...]:
        """The contact state now, and each one after it that comes by time alone.

        Of who objects it is the one of who does so no more: that gate is another.
        """
        account = _who_allows_contact(self.account)
        return tuple(_states(account, self.catalogue, self.decision.at))

    def from_(self, day: date) -> tuple[str, ...]:
        return (self.speaker.say("near_days", day=date_name(day, self.decision.language)),)


def nearest_change(product_id: str, seen: Situation) -> str | None:
    """In words; None where nothing would do, or where only a slot is missing."""
    parts: list[str] = []
    for gate in (_available, _ruled, _begun, _consented, _contacted):
        said = gate(product_id, seen)
        if said is None:
            return None
        parts += said
    return _joined(list(dict.fromkeys(parts)), seen.speaker)


def _joined(parts: list[str], speaker: Speaker) -> str | None:
    """`one and two`; `one; two; and three`, since each may have commas and an `or` of its own."""
    if len(parts) <= 2:
        return speaker.say("then").join(parts) or None
    return "; ".join(parts[:-1]) + speaker.say("both") + parts[-1]


def asked_of(product_id: str, catalogue: Catalogue) -> Condition:
    """What rules and policies ask of whoever is offered a product."""
    product = catalogue.products[product_id]
    own = (*product.eligible, *product.suitability)
    shared = (
        policy
        for policy in catalogue.policies
        if policy.covers(product_id, product.domain, product.type)
    )
    once = () if product.repeatable else (Not(Holds((product_id,))),)
    return All((*(rule.when for rule in (*own, *shared)), *once))


def _available(product_id: str, seen: Situation) -> Said:
    product, today = seen.catalogue.products[product_id], seen.calendar.today
    term, channel = product.on_sale, seen.decision.channel
    if term and term.until and term.until < today:
        return NO_WAY
    begins = seen.from_(term.from_) if term and term.from_ and term.from_ > today else ()
    return begins if channel in product.channels else (*begins, _elsewhere(product, seen.speaker))


def _elsewhere(product: Product, speaker: Speaker) -> str:
    return speaker.either(speaker.say(f"near_channel_{channel}") for channel in product.channels)


def _ruled(product_id: str, seen: Situation) -> Said:
    changes = nearest(asked_of(product_id, seen.catalogue), seen.facts, seen.catalogue.universe)
    if changes is None:
        return NO_WAY
    may_look = seen.account.consent.personalisation
    known = [change for change in changes if may_look or not _in_profile(change)]
    said = tuple(change_in_words((change,), seen.calendar, seen.speaker) for change in known)
    if len(known) == len(changes):
        return said
    return (*said, seen.speaker.say("near_consent_personalisation"))


def _in_profile(change: Change) -> bool:
    """Whether it is of what we may not look at without consent to personalise."""
    kind, name, _ = change.subject
    return kind in {"value", "interest", "views", "journey"} or name == Happening.JOINED


def _begun(product_id: str, seen: Situation) -> Said:
    if product_id not in seen.facts.unfinished:
        return ()
    titles = seen.speaker.titles(Holds((product_id,)))
    return (seen.speaker.say("near_unfinished_not", titles=titles),)


def _consented(product_id: str, seen: Situation) -> Said:
    product, preferences = seen.catalogue.products[product_id], seen.account.preferences
    state = ContactState(marketing_consent=True, preferences=preferences)
    closed = {
        "near_consent_marketing": not seen.account.consent.marketing,
        "near_objected": preferences.contact is Frequency.NONE,
        "near_not_wanted": state.unwanted(product_id, product.domain, product.type),
    }
    return tuple(seen.speaker.say(phrase) for phrase, is_so in closed.items() if is_so)


def _contacted(product_id: str, seen: Situation) -> Said:
    """From when on the contact history allows it."""
    for at, state in seen.contact_states:
        if not (state.capped or product_id in state.cooling or product_id in state.sated):
            return () if at == seen.decision.at else seen.from_(seen.live.days.of(at))
    return NO_WAY


def _states(
    account: Account, catalogue: Catalogue, at: datetime
) -> Iterator[tuple[datetime, ContactState]]:
    instant: datetime | None = at
    while instant is not None:
        state = contact_state(account, catalogue.contact, instant)
        yield instant, state
        instant = state.until


def _who_allows_contact(account: Account) -> Account:
    preferences = account.preferences
    if preferences.contact is not Frequency.NONE:
        return account
    allowed = msgspec.structs.replace(preferences, contact=None)
    return msgspec.structs.replace(account, preferences=allowed)
