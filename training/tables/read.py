"""Reading the tables of a directory: every row is kept or rejected with a reason, none is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from recommender.errors import TableError
from recommender.tables import ACCOUNT_ID, ACCOUNTS, Table, Type, table_contracts
from training.tables.check import check_column, check_row
from training.tables.convert import WrongType, convert
from training.tables.faults import Faults, no_rejects, write_rejects
from training.tables.files import Raw, load
from training.tables.frames import Tables

if TYPE_CHECKING:
    from recommender.catalogue import Catalogue

MAX_REJECT_SHARE = 0.01


def read_tables(
    directory: Path,
    catalogue: Catalogue,
    *,
    now: datetime,
    max_reject_share: float = MAX_REJECT_SHARE,
    rejects_to: Path | None = None,
) -> Tables:
    """Read and check every table of `directory`, each a `.parquet` or a `.csv` file.

    `now` is an aware instant: what lies after it has not happened. Rejected rows also go to
    `rejects_to` (`.csv` or `.parquet`), before an excess of them stops the run.

    Raises:
        TableError: a table or column is missing, a column has the wrong type, a table without
            which nothing can be learnt is empty, or more than `max_reject_share` of a table's rows
            broke the contract.
    """
    if now.tzinfo is None:
        raise ValueError("now must say its time zone")
    now = now.astimezone(UTC).replace(tzinfo=None)
    frames: dict[str, pd.DataFrame] = {}
    rejects = [no_rejects()]
    try:
        for table in table_contracts(catalogue):
            raw = load(directory, table) or _nothing(directory, table)
            faults = Faults(table.name, raw.path.name, raw.rows, _column(raw, ACCOUNT_ID))
            frames[table.name] = _read(table, raw, _ids(frames), catalogue, now, faults)
            rejects.append(faults.frame())
            faults.stop_beyond(max_reject_share, rejects_to)
    finally:
        if rejects_to is not None:
            write_rejects(pd.concat(rejects, ignore_index=True), rejects_to)
    return Tables(**frames, rejects=pd.concat(rejects, ignore_index=True))


def _read(
    table: Table,
    raw: Raw,
    ids: Sequence[str] | None,
    catalogue: Catalogue,
    now: datetime,
    faults: Faults,
) -> pd.DataFrame:
    """The rows of `raw` that keep the contract; `faults` is told of the others.

    `ids` are the accounts there are, None while they are being read.
    """
    if not table.may_be_empty and not raw.columns.num_rows + len(raw.broken):
        raise TableError(f"{raw.path.name} is empty: it has no rows")
    faults.unreadable(raw.broken, raw.why)
    columns = {}
    for column in table.columns:
        known = column.values or ()  # of account ids none resembles another on purpose
        if column.name == ACCOUNT_ID and ids is not None:
            column = replace(column, values=tuple(ids))  # noqa: PLW2901 - the same, now complete
        found = _column(raw, column.name)
        try:
            made = convert(column, found)
        except WrongType:
            wanted = "text" if column.type is Type.CATEGORY else column.type
            raise TableError(
                f"{raw.path.name}: column {column.name} is {found.type}, must be {wanted}"
            ) from None
        faults.add(made.bad, column.name, made.what, found, known)
        if column.required:
            faults.add(made.missing, column.name, "missing")
        check_column(column, made.values, found, now, faults)
        columns[column.name] = made.values
    frame = pd.DataFrame(columns, copy=False)
    check_row(table, frame, catalogue, faults)
    if not faults.good.all():
        frame = frame[faults.good].reset_index(drop=True)
    return _numbered(frame) if table.name == ACCOUNTS.name else frame


def _numbered(accounts: pd.DataFrame) -> pd.DataFrame:
    """The accounts with their own rows as the codes of their ids."""
    ids = accounts[ACCOUNT_ID].astype("str")
    codes = np.arange(len(ids), dtype=np.int32)
    numbered = pd.Categorical.from_codes(codes, categories=pd.Index(ids))
    return accounts.assign(**{ACCOUNT_ID: numbered})


def _ids(frames: dict[str, pd.DataFrame]) -> Sequence[str] | None:
    accounts = frames.get(ACCOUNTS.name)
    return None if accounts is None else accounts[ACCOUNT_ID].cat.categories.tolist()


def _column(raw: Raw, name: str) -> pa.ChunkedArray:
    """The column, or as many missing values if the file does not have it."""
    if name in raw.columns.column_names:
        return raw.columns.column(name)
    return pa.chunked_array([pa.nulls(raw.columns.num_rows, pa.string())])


def _nothing(directory: Path, table: Table) -> Raw:
    """No rows, for an optional table that is not there."""
    columns = pa.table({name: pa.array([], pa.string()) for name in table.names})
    none = np.empty(0, dtype=np.int64)
    return Raw(directory / table.name, columns, none, none, [])
