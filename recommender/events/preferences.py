"""What a person asked for: the last word on each subject counts, in whatever order they arrive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from recommender.account import Account, Consent, Frequency, Preferences, Wish
from recommender.events.kinds import PreferenceChange

NORMAL = "normal"
"""The wish to be treated as everyone: no wish at all."""

FIELDS: Mapping[str, str] = {"domain": "domains", "product": "products", "type": "types"}
"""What a wish is about, and the field of `Preferences` that keeps it."""


def with_preference(account: Account, event: PreferenceChange) -> dict[str, Any]:
    """The account's fields that `event` changes; none when something newer was said."""
    key = preference_key(event.about, event.subject)
    known_at = account.changed_at.get(key)
    if known_at is not None and known_at > event.at:
        return {}
    changed = {"changed_at": {**account.changed_at, key: event.at}}
    if event.about == "consent":
        return {**changed, "consent": consented(account.consent, event.subject, event.wish)}
    wished = preferring(account.preferences, event.about, event.subject, event.wish)
    return {**changed, "preferences": wished}


def preference_key(about: str, subject: str | None) -> str:
    """Under which `Account.changed_at` keeps since when the last word on a subject holds."""
    return f"preference:{about}:{subject or ''}"


def consented(consent: Consent, subject: str | None, wish: str) -> Consent:
    return msgspec.structs.replace(consent, **{str(subject): wish == "yes"})


def preferring(preferences: Preferences, about: str, subject: str | None, wish: str) -> Preferences:
    """`preferences` with one wish more, or with one less when it is to be as for everyone."""
    if about == "contact":
        frequency = None if wish == NORMAL else Frequency(wish)
        return msgspec.structs.replace(preferences, contact=frequency)
    field = FIELDS[about]
    wishes: dict[str, Wish] = {**getattr(preferences, field)}
    wishes.pop(str(subject), None)
    if wish != NORMAL:
        wishes[str(subject)] = Wish(wish)
    return msgspec.structs.replace(preferences, **{field: wishes})
