"""A bank of three people as files, to be spoilt one cell at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from recommender.tables import ACCOUNTS, TABLES, Type

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def small_frames() -> dict[str, pd.DataFrame]:
    """Every table, every row within the contract; dates as dates, instants as UTC instants."""
    morning = datetime(2026, 11, 20, 9, 30)  # noqa: DTZ001 - frames are naive UTC
    return {
        "accounts": pd.DataFrame(
            {
                "account_id": ["ann", "bob", "cas"],
                "birth_date": [date(2008, 3, 1), date(1980, 1, 31), None],
                "joined_on": [date(2026, 11, 1), date(2015, 6, 1), date(2020, 2, 29)],
                "language": ["en", "nl", None],
                "channel_preference": ["app", "web", "branch"],
                "consent_personalisation": [True, True, False],
                "consent_marketing": [True, False, False],
                "occupation": ["student", "employed", None],
                "household": ["with_parents", "family", "single"],
                "housing": ["with_parents", "owns", "rents"],
                "income_band": ["none", "high", "middle"],
                "region": ["west", "north", None],
                "children": pd.array([0, 2, None], dtype="Int64"),
                "has_car": pd.array([False, True, None], dtype="boolean"),
                "gender": ["f", "m", "x"],
            }
        ),
        "holdings": pd.DataFrame(
            {
                "account_id": ["ann", "bob", "bob"],
                "product_id": ["student_account", "current_account", "mortgage"],
                "opened_on": [date(2026, 11, 1), date(2015, 6, 1), date(2016, 1, 1)],
                "closed_on": [None, None, date(2026, 3, 1)],
            }
        ),
        "events": pd.DataFrame(
            {
                "event_id": ["e1", "e2", "e3", "e4"],
                "account_id": ["ann", "ann", "bob", "bob"],
                "at": [morning] * 4,
                "kind": ["page_view", "search", "context_change", "nps"],
                "product_id": ["savings_account", None, None, None],
                "domain": ["saving", "saving", None, None],
                "channel": ["web", "app", "branch", "web"],
                "value": [None, None, "children:1>2", "9"],
            }
        ),
        "transactions": pd.DataFrame(
            {
                "account_id": ["bob", "bob"],
                "booked_on": [date(2026, 11, 1), date(2026, 11, 2)],
                "amount_minor": [250_000, -1_999],
                "currency": ["EUR", "EUR"],
                "counterparty": ["Employer", "Shop"],
                "scheme": ["salary", "card"],
                "balance_minor": pd.array([300_000, None], dtype="Int64"),
            }
        ),
        "scheduled_payments": pd.DataFrame(
            {
                "account_id": ["bob"],
                "due_on": [date(2026, 12, 1)],
                "amount_minor": [-90_000],
                "currency": ["EUR"],
                "counterparty": ["Landlord"],
            }
        ),
        "cases": pd.DataFrame(
            {
                "case_id": ["c1"],
                "account_id": ["ann"],
                "kind": ["complaint"],
                "status": ["open"],
                "opened_at": [morning],
                "promised_at": [datetime(2026, 12, 1)],  # noqa: DTZ001 - as above
                "closed_at": pd.to_datetime(pd.Series([None])).astype("datetime64[us]"),
            }
        ),
    }


def write_csv(directory: Path, frames: Mapping[str, pd.DataFrame]) -> None:
    """As people write them: true and false, days as days, nothing for what is missing."""
    directory.mkdir(parents=True, exist_ok=True)
    types = {(table.name, one.name): one.type for table in TABLES for one in table.columns}
    for name, frame in frames.items():
        written = frame.copy()
        for column in frame:
            kind = types.get((name, str(column)), Type.CATEGORY)
            if kind is Type.BOOLEAN or (name == ACCOUNTS.name and column == "has_car"):
                written[column] = frame[column].map({True: "true", False: "false"})
            if kind is Type.DATE:
                written[column] = pd.to_datetime(frame[column]).dt.strftime("%Y-%m-%d")
        written.to_csv(directory / f"{name}.csv", index=False)


def csv_with(directory: Path, table: str, row: int, column: str, text: str) -> Path:
    """The small bank as CSV files with one cell (`row` from 0) replaced by `text`."""
    write_csv(directory, small_frames())
    path = directory / f"{table}.csv"
    cells = pd.read_csv(path, dtype="str", keep_default_na=False)
    cells.loc[row, column] = text
    cells.to_csv(path, index=False)
    return path
