"""Events as frames of the input tables, as the event log would have given them to training."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from recommender.catalogue import Catalogue
from recommender.events import Event
from tests.training.snapshots.frames import SOMEBODY, as_tables
from training.tables import Tables

COLUMNS = ("event_id", "account_id", "at", "product_id", "domain", "channel", "decision_id")


def tables_with(events: Sequence[Event], catalogue: Catalogue) -> Tables:
    """One account, `ann`, and these events."""
    rows = [
        {name: getattr(event, name, None) for name in COLUMNS}
        | {"kind": event.kind.value, "at": event.at.replace(tzinfo=None)}
        for event in events
    ]
    frames = {
        "accounts": pd.DataFrame([{**SOMEBODY, "account_id": "ann"}]),
        "events": pd.DataFrame(rows, columns=[*COLUMNS, "kind"]),
    }
    return as_tables(frames, catalogue)
