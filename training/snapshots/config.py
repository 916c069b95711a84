"""Which takings become rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from recommender.tables import (
    ACCOUNT_ID,
    ACCOUNTS,
    AT,
    DECISION_ID,
    DOMAIN,
    EVENTS,
    HOLDINGS,
    KIND,
    PRODUCT_ID,
    VALUE,
)

READS: Final[Mapping[str, frozenset[str] | None]] = {
    ACCOUNTS.name: None,
    HOLDINGS.name: None,
    EVENTS.name: frozenset({ACCOUNT_ID, AT, KIND, PRODUCT_ID, DOMAIN, DECISION_ID, VALUE}),
}
"""The tables that snapshots and responses are made of, and which of their columns. Transactions are
most of a bank's rows, and not among them: a model learns nothing from what people pay, so whoever
only learns need not read them. The ids of events take as much memory as all else about them."""


class SnapshotConfig(BaseModel):
    """Which takings become rows, and what is known of their order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    window_from: date | None = None
    """The first day whose takings become rows; None: as early as there are any."""
    window_until: date | None = None
    """The first day whose takings no longer do; None: no end."""
    skip_initial: bool = True
    """Leave out what was opened on the day of joining, or before the first event: of such a taking
    no context is on record, only that it is there."""
    consented_only: bool = True
    """Learn only from people who agreed to personalisation: the model is a use of their data."""
    holdings_order: Literal["time", "unknown"] = "time"
    """`time`: a taking's context is what was held before. `unknown`: dates of opening mean nothing;
    every holding is a target in turn, and all the others are its context."""
