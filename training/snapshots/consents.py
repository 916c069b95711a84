"""Consent to personalise as events told of it: who gives it, and which browsing it covers.

Browsing without consent never becomes a profile, and nothing outlives a withdrawal. So a profile
begins anew at every "no", and at the first "yes" ever told or told after a "no": what the table
said before that has no date. `recommender.events.fold` keeps the same meaning online.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recommender.tables import (
    ACCOUNT_ID,
    AT,
    CONSENT_PERSONALISATION,
    KIND,
    VALUE,
    EventKind,
    preference_change,
)
from training.snapshots.moments import Instants, Positions, positions
from training.tables import Tables

Flags = NDArray[np.bool_]

YES: Final = preference_change("consent", "personalisation", "yes")
NO: Final = preference_change("consent", "personalisation", "no")


def personalised(tables: Tables) -> Flags:
    """(accounts,) whether each consents today: an event's last word outweighs the table."""
    consents: Flags = tables.accounts[CONSENT_PERSONALISATION].to_numpy(dtype=np.bool_).copy()
    words = Words.of(tables.events)
    consents[words.account] = words.yes  # of several the last one stays
    return consents


@dataclass(frozen=True, eq=False)
class Words:
    """The n words told about personalisation, by account and instant; at one instant a "no" is the
    last.
    """

    account: Positions
    at: Instants
    yes: Flags

    @classmethod
    def of(cls, events: pd.DataFrame) -> Self:
        told = (events[KIND] == EventKind.PREFERENCE_CHANGE).to_numpy()
        rows = events[told & events[VALUE].isin((YES, NO)).to_numpy()] if told.any() else events[:0]
        account, at = positions(rows[ACCOUNT_ID]), rows[AT].to_numpy()
        yes = (rows[VALUE] == YES).to_numpy(dtype=np.bool_)
        order = np.lexsort((~yes, at, account))
        return cls(account[order], at[order], yes[order])

    def __len__(self) -> int:
        return len(self.account)

    @property
    def anew(self) -> Flags:
        """(n,) whether the profile begins anew at each."""
        after_yes = np.append(False, (self.account[1:] == self.account[:-1]) & self.yes[:-1])
        anew: Flags = ~(self.yes & after_yes[: len(self)])
        return anew

    def withdrawn(self, account: Positions, at: Instants) -> Flags:
        """Whether the account's last word, at each instant, was a "no"."""
        times, rank = np.unique(self.at, return_inverse=True)
        keys = self.account * (len(times) + 1) + rank + 1
        asked = account * (len(times) + 1) + np.searchsorted(times, at, side="right")
        last = np.searchsorted(keys, asked, side="right") - 1
        own = np.append(self.account, -1)[last] == account  # none before: the one appended
        withdrawn: Flags = own & ~np.append(self.yes, True)[last]
        return withdrawn
