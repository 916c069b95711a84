"""Events as frames of the input tables, as the event log would have given them to training."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from recommender.catalogue import Catalogue
from recommender.events import Event
from service.events.parquet import value_of
from tests.training.snapshots.frames import SOMEBODY, as_tables
from training.tables import Tables

COLUMNS = (
    "event_id",
    "account_id",
    "at",
    "product_id",
    "domain",
    "channel",
    "decision_id",
    "action_id",
    "case_id",
    "promised_at",
)


def naive(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.replace(tzinfo=None)


def tables_with(events: Sequence[Event], catalogue: Catalogue, **columns: object) -> Tables:
    """One account, `ann`, with these columns and events."""
    rows = [
        {name: getattr(event, name, None) for name in COLUMNS}
        | {"kind": event.kind.value, "value": value_of(event)}
        | {name: naive(getattr(event, name, None)) for name in ("at", "promised_at")}
        for event in events
    ]
    frames = {
        "accounts": pd.DataFrame([{**SOMEBODY, "account_id": "ann", **columns}]),
        "events": pd.DataFrame(rows, columns=[*COLUMNS, "kind", "value"]),
    }
    return as_tables(frames, catalogue)
