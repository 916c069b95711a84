"""Not too often, not just declined: what the contact history still allows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from recommender.account import Account, ContactKind
from recommender.catalogue import ContactPolicy

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ContactState:
    """`until` is the first instant at which any of this changes by time alone, if any."""

    marketing_consent: bool
    capped: bool
    cooling: frozenset[str]
    until: datetime | None

    @property
    def untroubled(self) -> bool:
        """Nothing in consent or history speaks against an offer."""
        return self.marketing_consent and not self.capped and not self.cooling


def contact_state(account: Account, policy: ContactPolicy, at: datetime) -> ContactState:
    """One budget across all channels: contacts are counted wherever they happened."""
    if not account.contacts:
        return ContactState(account.consent.marketing, False, frozenset(), None)
    shown: list[datetime] = []
    cooling: set[str] = set()
    ends: list[datetime] = []
    for contact in account.contacts:
        if contact.at > at:
            ends.append(contact.at)
            continue
        if contact.kind is ContactKind.SHOWN:
            end = contact.at + WEEK
            if contact.marketing and end > at:
                shown.append(contact.at)
                ends.append(end)
        elif contact.product_id is not None:
            end = contact.at + timedelta(days=policy.rests_days(contact.kind))
            if end > at:
                cooling.add(contact.product_id)
                ends.append(end)
    return ContactState(
        marketing_consent=account.consent.marketing,
        capped=len(shown) >= policy.marketing_per_week,
        cooling=frozenset(cooling),
        until=min(ends, default=None),
    )
