"""Reading the tables of a directory: every row is kept or rejected with a reason, none is lost."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from types import MappingProxyType
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

HandOn = Callable[[pd.DataFrame], object]
"""Told of some rows of a table, which all keep the contract, in the order of the file."""

Only = Container[str] | Mapping[str, Container[str] | None]
"""Names of tables; or those with the columns of each, None for all."""


def read_tables(  # noqa: PLR0913  # all that may be left out goes by its name
    directory: Path,
    catalogue: Catalogue,
    *,
    now: datetime,
    max_reject_share: float = MAX_REJECT_SHARE,
    rejects_to: Path | None = None,
    only: Only | None = None,
    event_log: Path | None = None,
    of_a_bucket: bool = False,
    handed_on: Mapping[str, HandOn] = MappingProxyType({}),
) -> Tables:
    """Read and check the tables of `directory`, each a `.parquet` or a `.csv` file.

    `only` some of them, if it names any: the others are empty frames. Where it says which columns
    of a table, the frame has only these, though all are checked. Tables `of_a_bucket` of accounts
    may be empty, even those without which nothing can be learnt.

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
    ids: tuple[str, ...] | None = None
    rejects = [no_rejects()]
    erased = Erased(read_erased(directory, event_log))
    try:
        for contract in table_contracts(catalogue):
            table = _owned(contract, ids)
            table = replace(table, may_be_empty=table.may_be_empty or of_a_bucket)
            pieces = load(directory, table) if only is None or table.name in only else iter(())
            source, pieces = _begun(pieces, directory, table)
            faults = Faults(table.name, source)
            read = partial(_read, table, _kept(table, only), catalogue, now, faults, erased)
            if hand_on := handed_on.get(table.name):
                frames[table.name] = _handed_on(_each(read, pieces), hand_on)
            else:
                frames[table.name] = together(list(_each(read, pieces)))
            if table.name == ACCOUNTS.name:
                frames[table.name] = _numbered(frames[table.name])
                ids = tuple(frames[table.name][ACCOUNT_ID].cat.categories)
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


def _handed_on(pieces: Iterable[pd.DataFrame], hand_on: HandOn) -> pd.DataFrame:
    """What is left of them: columns without rows."""
    nothing = pd.DataFrame()
    for piece in pieces:
        hand_on(piece)
        nothing = piece.iloc[:0].copy()
    return nothing


def _begun(pieces: Iterator[Raw], directory: Path, table: Table) -> tuple[str, Iterator[Raw]]:
    """The name of what is read, and the pieces of it: one of no rows where there is none."""
    first = next(pieces, None) or _nothing(directory, table)
    return first.path.name, chain([first], pieces)


def _each(read: Callable[..., pd.DataFrame], raws: Iterable[Raw]) -> Iterator[pd.DataFrame]:
    """The frame of each piece of a table. What was `given` is forgotten before they are joined.

    Nothing here holds on to a piece that has become a frame.
    """
    return map(partial(read, given=GivenIds()), raws)


def _kept(table: Table, only: Only | None) -> list[str]:
    """The columns of the table's frame."""
    wanted = only.get(table.name) if isinstance(only, Mapping) else None
    return [name for name in table.names if wanted is None or name in wanted]


def _read(
    table: Table,
    kept: list[str],
    catalogue: Catalogue,
    now: datetime,
    faults: Faults,
    erased: Erased,
    raw: Raw,
    given: GivenIds,
) -> pd.DataFrame:
    """The rows of `raw` that keep the contract, in columns `kept`; `faults` is told of others."""
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
    frame = frame[kept]
    if not faults.good.all():
        frame = frame[faults.good].reset_index(drop=True)
    return frame


def _owned(table: Table, ids: tuple[str, ...] | None) -> Table:
    """`table`, of whose account ids only `ids` are good, once `accounts` has been read."""
    if ids is None:
        return table
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
