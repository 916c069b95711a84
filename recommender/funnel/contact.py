"""Not too often, not just declined: what the contact history still allows."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import msgspec

from recommender.account import Account, Contact, ContactKind, Frequency, Preferences, Wish
from recommender.catalogue import Cap, ContactPolicy

NOBODY: frozenset[str] = frozenset()
NO_WISH = Preferences()


class ContactState(msgspec.Struct, frozen=True):
    """`cooling` were declined lately, `sated` shown often enough, `unwanted` asked to be left out:
    products, and guidance by its action. `until` is the first instant at which any of this changes
    by time alone, if any.
    """

    marketing_consent: bool
    capped: bool = False
    cooling: frozenset[str] = NOBODY
    sated: frozenset[str] = NOBODY
    until: datetime | None = None
    preferences: Preferences = NO_WISH

    @property
    def untroubled(self) -> bool:
        """Nothing in consent, wishes or history speaks against an offer."""
        return self.marketing_consent and not (
            self.capped or self.cooling or self.sated or self.preferences != NO_WISH
        )

    @property
    def refuses_all(self) -> str | None:
        """The rule by which nothing at all may be offered, if any: it comes before all others."""
        if self.marketing_consent:
            return None
        return "objected" if self.preferences.contact is Frequency.NONE else "consent_marketing"

    def unwanted(self, product_id: str, domain: str, product_type: str) -> bool:
        """Whether the person asked not to be offered this."""
        wishes = self.preferences
        return Wish.NONE in (
            wishes.products.get(product_id),
            wishes.domains.get(domain),
            wishes.types.get(product_type),
        )


def contact_state(account: Account, policy: ContactPolicy, at: datetime) -> ContactState:
    """One budget across all channels: contacts are counted wherever they happened."""
    preferences = account.preferences
    consented = account.consent.marketing and preferences.contact is not Frequency.NONE
    if not account.contacts:
        capped = 0 in policy.allowances[preferences.contact]
        return ContactState(consented, capped=capped, preferences=preferences)
    shown: list[Contact] = []
    cooling: set[str] = set()
    ends: list[datetime] = []
    for contact in account.contacts:
        if contact.at > at:
            ends.append(contact.at)
        elif contact.kind is ContactKind.SHOWN:
            if contact.marketing:
                shown.append(contact)
        else:
            end = contact.at + timedelta(days=policy.rests_days(contact.kind))
            if end > at:
                cooling.add(_subject(contact))
                ends.append(end)
    counts = [len(_since(shown, cap, at, ends)) for cap in policy.budget]
    allowed = policy.allowances[preferences.contact]
    return ContactState(
        marketing_consent=consented,
        capped=any(count >= most for count, most in zip(counts, allowed, strict=True)),
        cooling=frozenset(cooling),
        sated=_sated(shown, policy, preferences.contact, at, ends),
        until=min(ends, default=None),
        preferences=preferences,
    )


def _since(shown: list[Contact], cap: Cap, at: datetime, ends: list[datetime]) -> list[Contact]:
    """Those that count against `cap`; when they cease to is added to `ends`."""
    window = timedelta(days=cap.days)
    counted = [contact for contact in shown if contact.at + window > at]
    ends += [contact.at + window for contact in counted]
    return counted


def _sated(
    shown: list[Contact],
    policy: ContactPolicy,
    frequency: Frequency | None,
    at: datetime,
    ends: list[datetime],
) -> frozenset[str]:
    """Products that were shown as often as one may be."""
    cap = policy.per_product
    if cap is None:
        return NOBODY
    times = Counter(_subject(contact) for contact in _since(shown, cap, at, ends))
    most = policy.most(cap, frequency)
    return frozenset(name for name, count in times.items() if count >= most)


def _subject(contact: Contact) -> str:
    """What it was about: a product, or guidance by its action."""
    return contact.product_id or contact.action_id
