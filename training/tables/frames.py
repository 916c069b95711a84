"""The tables in memory: pandas frames whose rows all keep the contract of `recommender.tables`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import pandas as pd

from recommender.tables import AT, CONTEXT_CHANGE, KIND, VALUE, EventKind

TABLE = "table"
ROW = "row"
COLUMN = "column"
REASON = "reason"
"""Columns of the rejects: `row` counts a file's data rows from 1."""
ROWS = "rows"


@dataclass(frozen=True)
class Tables:
    """One frame for each table, with every column of its contract that was asked for, in its order.

    Dtypes. Text: `string`. Category, product and domain: categorical; where the contract knows the
    values, these are the categories, in the contract's order (products as in the catalogue).
    `account_id`: categorical over *all* accounts in the order of `accounts`, so that
    `frame.account_id.cat.codes` is a row of `accounts` in every table. Dates and instants:
    `datetime64[us]`, naive, UTC; NaT is missing. Integers: `int64` where required, else `Int64`.
    Booleans: `bool` where required, else `boolean`.

    Rows keep the order of the file, but for rejected ones. `accounts` is the state now.
    """

    accounts: pd.DataFrame
    holdings: pd.DataFrame
    events: pd.DataFrame
    transactions: pd.DataFrame
    scheduled_payments: pd.DataFrame
    cases: pd.DataFrame
    rejects: pd.DataFrame
    """(table, row, account_id, column, reason): every row that is in a file and in none of the
    frames; whose it is as the file says, missing where it does not."""
    erased: pd.DataFrame = field(default_factory=lambda: erased_rows({}))
    """(table, rows): how many rows of erased accounts are in a file, and in none of these frames,
    the rejects included."""

    def frames(self) -> dict[str, pd.DataFrame]:
        """The six tables by name."""
        return {
            one.name: getattr(self, one.name)
            for one in fields(self)
            if one.name not in ("rejects", "erased")
        }

    def context_changes(self) -> pd.DataFrame:
        """Changes of attributes: (account_id, at, attribute, before, after), in the file's order.

        `before` and `after` are texts as in an attribute's labels (`no`, `yes` for a boolean),
        missing where unknown.
        """
        changes = self.events.loc[self.events[KIND] == EventKind.CONTEXT_CHANGE]
        distinct = changes[VALUE].cat.remove_unused_categories()
        parts = distinct.cat.categories.to_series().str.extract(CONTEXT_CHANGE)
        parts = parts.replace("", pd.NA).take(distinct.cat.codes.to_numpy())
        parts.index = changes.index
        return pd.concat([changes[["account_id", AT]], parts], axis=1).reset_index(drop=True)


def erased_rows(by_table: Mapping[str, int]) -> pd.DataFrame:
    """The frame `erased`, of tables that had any."""
    found = {table: rows for table, rows in by_table.items() if rows}
    return pd.DataFrame({TABLE: list(found), ROWS: list(found.values())}).astype({ROWS: "int64"})
