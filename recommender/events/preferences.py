"""What a person asked for: the last word on each subject counts, in whatever order they arrive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from recommender.account import Account, Consent, Frequency, Preferences, Wish
from recommender.events.kinds import PreferenceChange

NORMAL = "normal"
"""The wish to be treated as everyone: no wish at all."""

_KEY = "preference"

STRICTNESS: Mapping[str, int] = {"yes": 0, "more": 0, "normal": 1, "less": 2, "none": 3, "no": 3}
"""Of two words on one subject at one instant the stricter counts: a refusal before a consent."""

FIELDS: Mapping[str, str] = {"domain": "domains", "product": "products", "type": "types"}
"""What a wish is about, and the field of `Preferences` that keeps it."""


def with_preference(account: Account, event: PreferenceChange) -> dict[str, Any]:
    """The account's fields that `event` changes; none when something newer was said."""
    key = preference_key(event.about, event.subject)
    forgotten = FORGOTTEN if key == PERSONALISATION and _begins_anew(account, event) else {}
    if not _outweighs(event.at, event.wish, account, key):
        return {**forgotten}
    changed = {"changed_at": {**account.changed_at, key: event.at}, **forgotten}
    if event.about == "consent":
        return {**changed, "consent": consented(account.consent, event.subject, event.wish)}
    wished = preferring(account.preferences, event.about, event.subject, event.wish)
    return {**changed, "preferences": wished}


def covered(account: Account, at: datetime) -> bool:
    """Whether what was looked at then may be inferred from: not what was before the last word."""
    since = account.changed_at.get(PERSONALISATION)
    return account.consent.personalisation and (since is None or since < at)


def _begins_anew(account: Account, event: PreferenceChange) -> bool:
    """Every "no" ends the profile, one that comes late too; a "yes" begins it, but not again."""
    told_before = PERSONALISATION in account.changed_at and account.consent.personalisation
    return event.wish == "no" or not told_before


def with_wishes_of(account: Account, other: Account) -> Account:
    """`account` with those wishes and consents of `other` that were told later, or as late and are
    stricter.
    """
    consent, preferences, changed_at = account.consent, account.preferences, {**account.changed_at}
    for key, at in other.changed_at.items():
        about, subject = _subject(key)
        if not about or not _outweighs(at, wish := wish_of(other, about, subject), account, key):
            continue
        changed_at[key] = at
        if about == "consent":
            consent = consented(consent, subject, wish)
        else:
            preferences = preferring(preferences, about, subject, wish)
    return msgspec.structs.replace(
        account, consent=consent, preferences=preferences, changed_at=changed_at
    )


def _outweighs(at: datetime, wish: str, account: Account, key: str) -> bool:
    """Whether it takes the place of what `account` knows: the later word does, then the stricter.

    What nobody told by an event has no date: it yields to whatever was told.
    """
    known_at = account.changed_at.get(key)
    if known_at is None or known_at != at:
        return known_at is None or known_at < at
    return STRICTNESS[wish] > STRICTNESS[wish_of(account, *_subject(key))]


def wish_of(account: Account, about: str, subject: str | None) -> str:
    """What holds for `account`, in the words of a `PreferenceChange`."""
    if about == "consent":
        return "yes" if getattr(account.consent, str(subject)) else "no"
    if about == "contact":
        return account.preferences.contact or NORMAL
    wish: str | None = getattr(account.preferences, FIELDS[about]).get(subject)
    return wish or NORMAL


def _subject(key: str) -> tuple[str, str]:
    """What `preference_key` was made of; empty for the key of an attribute."""
    kind, _, rest = key.partition(":")
    about, _, subject = rest.partition(":")
    return (about, subject) if kind == _KEY else ("", "")


def preference_key(about: str, subject: str | None) -> str:
    """Under which `Account.changed_at` keeps since when the last word on a subject holds."""
    return f"{_KEY}:{about}:{subject or ''}"


PERSONALISATION: Final = preference_key("consent", "personalisation")

FORGOTTEN: Final[Mapping[str, Any]] = {"domain_interest": {}, "product_interest": {}}
"""The fields of an account that are its profile, as they are without one."""


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
