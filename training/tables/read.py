"""Reading the tables of a directory: every row is kept or rejected with a reason, none is lost."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from recommender.errors import TableError
from recommender.tables import ACCOUNT_ID, ACCOUNTS, Table, Type, table_contracts
from training.tables.check import check_column, check_row
from training.tables.convert import WrongType, convert
from training.tables.erased import Erased, read_erased
from training.tables.faults import Faults, no_rejects, write_rejects
from training.tables.files import Raw, load
from training.tables.frames import Tables, erased_rows
from training.tables.given import GivenIds
from training.tables.pieces import together

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
    only: Container[str] | None = None,
    event_log: Path | None = None,
) -> Tables:
    """Read and check the tables of `directory`, each a `.parquet` or a `.csv` file.

    Of `only` some of them, if it names any: the others are empty frames.

    `now` is an aware instant: what lies after it has not happened. Rejected rows also go to
    `rejects_to` (`.csv` or `.parquet`), before an excess of them stops the run. Accounts that were
    erased, as the tombstones in `directory` and in `event_log` say, are left out.

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
    erased = Erased(read_erased(directory, event_log))
    try:
        for table in table_contracts(catalogue):
            pieces = load(directory, table) if only is None or table.name in only else iter(())
            first = next(pieces, None) or _nothing(directory, table)
            faults = Faults(table.name, first.path.name)
            piece = partial(
                _read, _owned(table, frames), catalogue, now, faults, GivenIds(), erased
            )
            whole = together([piece(raw) for raw in chain([first], pieces)])
            frames[table.name] = _numbered(whole) if table.name == ACCOUNTS.name else whole
            rejects.append(faults.frame())
            faults.stop_beyond(max_reject_share, rejects_to)
    finally:
        if rejects_to is not None:
            write_rejects(pd.concat(rejects, ignore_index=True), rejects_to)
    return Tables(
        **frames,
        rejects=pd.concat(rejects, ignore_index=True),
        erased=erased_rows(erased.by_table),
    )


def _read(
    table: Table,
    catalogue: Catalogue,
    now: datetime,
    faults: Faults,
    given: GivenIds,
    erased: Erased,
    raw: Raw,
) -> pd.DataFrame:
    """The rows of `raw` that keep the contract; `faults` is told of the others."""
    if not table.may_be_empty and not raw.columns.num_rows + len(raw.broken):
        raise TableError(f"{raw.path.name} is empty: it has no rows")
    raw = erased.leave_out(raw, table.name)
    faults.begin(raw.rows, _column(raw, ACCOUNT_ID))
    faults.unreadable(raw.broken, raw.why)
    columns = {}
    for column in table.columns:
        # Of account ids none resembles another on purpose.
        known = () if column.name == ACCOUNT_ID else column.values or ()
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
        check_column(column, made.values, found, now, faults, given)
        columns[column.name] = made.values
    frame = pd.DataFrame(columns, copy=False)
    check_row(table, frame, catalogue, faults)
    if not faults.good.all():
        frame = frame[faults.good].reset_index(drop=True)
    return frame


def _owned(table: Table, frames: dict[str, pd.DataFrame]) -> Table:
    """`table`, of whose account ids only those of `accounts` are good, once that has been read."""
    accounts = frames.get(ACCOUNTS.name)
    if accounts is None:
        return table
    ids = tuple(accounts[ACCOUNT_ID].cat.categories)
    columns = (
        replace(column, values=ids) if column.name == ACCOUNT_ID else column
        for column in table.columns
    )
    return replace(table, columns=tuple(columns))


def _numbered(accounts: pd.DataFrame) -> pd.DataFrame:
    """The accounts with their own rows as the codes of their ids."""
    ids = accounts[ACCOUNT_ID].astype("str")
    codes = np.arange(len(ids), dtype=np.int32)
    numbered = pd.Categorical.from_codes(codes, categories=pd.Index(ids))
    return accounts.assign(**{ACCOUNT_ID: numbered})


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
