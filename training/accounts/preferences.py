"""What people asked for, from the event log: the last word on each subject."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import numpy as np
import pandas as pd

from recommender.account import Consent, Preferences
from recommender.events.preferences import STRICTNESS, consented, preference_key, preferring
from recommender.tables import ACCOUNT_ID, AT, KIND, PREFERENCE_CHANGE, VALUE, EventKind
from training.accounts.columns import instants, ordered
from training.snapshots.moments import positions


class Asked(NamedTuple):
    """What one account asked for, and since when each of it holds."""

    consent: Consent
    preferences: Preferences
    changed_at: dict[str, datetime]


def asked(events: pd.DataFrame, consents: list[Consent], now: np.datetime64) -> list[Asked]:
    """By account. `consents` are those of the table; they have no date, so an event's last word
    outweighs them. Of two words on one subject at one instant the stricter is the last.
    """
    found = [Asked(consent, Preferences(), {}) for consent in consents]
    changes = events[(events[KIND] == EventKind.PREFERENCE_CHANGE).to_numpy()]
    rows = _by_strictness(pd.DataFrame(changes[changes[AT].to_numpy() < now]))
    rows = ordered(rows, AT)
    for account, at, value in zip(
        positions(rows[ACCOUNT_ID]).tolist(), instants(rows[AT]), rows[VALUE].tolist(), strict=True
    ):
        said = PREFERENCE_CHANGE.fullmatch(value)
        if said is not None:
            found[account] = _after(found[account], at, *said.groups())
    return found


def _by_strictness(rows: pd.DataFrame) -> pd.DataFrame:
    wishes = (str(value).rpartition(":")[2] for value in rows[VALUE].tolist())
    return rows.iloc[np.argsort([STRICTNESS.get(wish, 0) for wish in wishes], kind="stable")]


def _after(before: Asked, at: datetime, about: str, subject: str, wish: str) -> Asked:
    changed_at = {**before.changed_at, preference_key(about, subject): at}
    if about == "consent":
        return Asked(consented(before.consent, subject, wish), before.preferences, changed_at)
    wished = preferring(before.preferences, about, subject, wish)
    return Asked(before.consent, wished, changed_at)
