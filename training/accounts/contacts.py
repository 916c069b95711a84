"""The contact history from the event log: what was shown, and what people answered."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recommender.account import Contact
from recommender.catalogue import Catalogue
from recommender.events.contacts import CONTACTS, contact
from recommender.rules.conditions import Happening
from recommender.tables import (
    ACCOUNT_ID,
    ACTION_ID,
    AT,
    CHANNEL,
    KIND,
    PRODUCT_ID,
    EventKind,
)
from training.accounts.columns import ByAccount, instants, ordered, texts
from training.snapshots.moments import positions


def contacts(
    events: pd.DataFrame, catalogue: Catalogue, now: np.datetime64, count: int
) -> ByAccount[Contact]:
    """Offers and guidance that were shown and answers to them, while they count against the budget
    or rest; and the last one shown, where rules ask when that was.
    """
    known = (events[AT].to_numpy() < now) & events[KIND].isin(list(CONTACTS)).to_numpy()
    compete = events[PRODUCT_ID].notna() | events[ACTION_ID].isin(list(catalogue.guidance))
    rows = ordered(events[known & compete.to_numpy()], AT)
    kept = rows[AT].to_numpy() >= now - np.timedelta64(catalogue.contact.counted_days, "D")
    if catalogue.memory.reach(Happening.CONTACT) >= 0:
        kept |= _last_shown(rows)
    rows = rows[kept]
    records = zip(
        map(EventKind, rows[KIND].tolist()),
        instants(rows[AT]),
        texts(rows[PRODUCT_ID]),
        texts(rows[ACTION_ID]),
        rows[CHANNEL].tolist(),
        strict=True,
    )
    return ByAccount.of(rows, (contact(*record) for record in records), count)


def _last_shown(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """(n,) whether each is the last that its account was shown; the rows ascend by instant."""
    shown = np.flatnonzero((rows[KIND] == EventKind.IMPRESSION).to_numpy())
    owner = positions(rows[ACCOUNT_ID])[shown]
    last = np.zeros(len(rows), dtype=bool)
    last[shown[np.append(owner[1:] != owner[:-1], True)[: len(owner)]]] = True
    return last
