"""Frames as the reader gives them: each column of the contract, with the dtypes it states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from recommender.catalogue import Catalogue
from recommender.tables import ACCOUNT_ID, Column, Type, table_contracts
from training.tables import Tables


def as_tables(frames: Mapping[str, pd.DataFrame], catalogue: Catalogue) -> Tables:
    """`frames` by table name; a column or table that is not there is all missing."""
    ids = pd.Index(frames["accounts"][ACCOUNT_ID].astype(object))
    made: dict[str, pd.DataFrame] = {}
    for table in table_contracts(catalogue):
        frame = frames.get(table.name, pd.DataFrame())
        made[table.name] = pd.DataFrame(
            {
                column.name: _column(
                    frame.get(column.name, pd.Series([None] * len(frame), dtype=object)),
                    column,
                    ids,
                )
                for column in table.columns
            }
        )
    return Tables(**made, rejects=pd.DataFrame())


def _column(values: pd.Series, column: Column, ids: pd.Index) -> Any:
    plain = values.astype(object).reset_index(drop=True)
    match column.type:
        case Type.CATEGORY if column.name == ACCOUNT_ID:
            return pd.Categorical(plain, categories=ids)
        case Type.CATEGORY:
            return pd.Categorical(plain, categories=column.values and list(column.values))
        case Type.DATE | Type.INSTANT:
            return pd.to_datetime(plain).astype("datetime64[us]")
        case Type.INTEGER:
            return plain.astype("int64" if column.required else "Int64")
        case Type.BOOLEAN:
            return plain.astype("bool" if column.required else "boolean")
        case Type.TEXT:
            return plain.astype("string")


Row = Mapping[str, object]

SOMEBODY: Row = {
    "account_id": "a",
    "birth_date": "1990-05-17",
    "joined_on": "2020-01-01",
    "language": "en",
    "channel_preference": "web",
    "consent_personalisation": True,
    "consent_marketing": True,
    "occupation": "employed",
    "household": "single",
    "housing": "rents",
    "income_band": "middle",
    "children": 0,
    "has_car": False,
}


def tables_of(
    catalogue: Catalogue, *, accounts: Sequence[Row] = ({},), **rows: Sequence[Row]
) -> Tables:
    """Tables of a few rows each; what an account does not say is as for SOMEBODY."""
    frames = {
        "accounts": pd.DataFrame([{**SOMEBODY, **row} for row in accounts]),
        **{
            name: pd.DataFrame([{"account_id": "a", **row} for row in given])
            for name, given in rows.items()
        },
    }
    if "events" in frames:
        frames["events"] = frames["events"].assign(
            event_id=[f"e{row}" for row in range(len(frames["events"]))], channel="web"
        )
    return as_tables(frames, catalogue)
