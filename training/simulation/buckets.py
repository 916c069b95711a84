"""The tables of a directory, cut into buckets of accounts: each a directory of tables of its own.

So a population of any size is looked at in memory for one bucket. The rows stay as they are; they
are checked where a bucket is read.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import ExitStack
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from recommender.catalogue import Catalogue
from recommender.events.bucket import bucket_of
from recommender.tables import ACCOUNT_ID, ACCOUNTS, Table, Type, table_contracts
from recommender.tombstone import FILE, write_tombstones
from training.tables.erased import read_erased
from training.tables.files import load

ACCOUNTS_IN_BUCKET = 2_500
"""Small enough for each core to hold one, large enough for frames to be worth it."""

ROWS_AT_ONCE = 250_000
"""So many rows are in memory a second time while they are written; fewer make slower files."""

LEFT_OUT = -1
"""The bucket of rows whose account is not in the sample."""


@dataclass(frozen=True)
class Buckets:
    """`directories` to read, with `accounts` in them together, `of` all that there are."""

    directories: tuple[Path, ...]
    accounts: int
    of: int
    rows: dict[str, int]
    """By table, all that its file has."""
    broken: dict[str, int]
    """By table, lines of a file that are no rows at all."""


def cut(
    tables: Path,
    catalogues: tuple[Catalogue, ...],
    into: Path,
    sample: int | None = None,
    began: Callable[[str], object] = lambda _: None,
    *,
    each: int = ACCOUNTS_IN_BUCKET,
) -> Buckets:
    """Write the buckets under `into`, with all that any of the `catalogues` reads.

    About `each` accounts are in one. With a `sample` only so many of all, equal ones for equal ids.
    Who was erased is still in them, and told apart by the tombstones that lie beside the tables.
    `began` is told of each table.

    Raises:
        TableError: a table or a column is missing, or a file cannot be read.
    """
    count, chosen = 0, None
    if sample is None:
        count = sum(len(ids) for ids in _ids(tables))
    else:
        count, chosen = _sampled(tables, sample)
    accounts = count if chosen is None else len(chosen)
    wanted = max(-(-accounts // each), 1)
    directories = tuple(into / f"{bucket:05}" for bucket in range(wanted))
    erased = write_tombstones(read_erased(tables))
    for directory in directories:
        directory.mkdir(parents=True)
        (directory / FILE).write_text(erased, encoding="ascii")
    rows, broken = {}, {}
    for table in _contracts(catalogues):
        began(table.name)
        rows[table.name] = broken[table.name] = 0
        with ExitStack() as open_files:
            files: list[pq.ParquetWriter] = []
            for raw in load(tables, table, ROWS_AT_ONCE):
                if not files:
                    files = [
                        open_files.enter_context(_file(directory, table, raw.columns.schema))
                        for directory in directories
                    ]
                for start in range(0, raw.columns.num_rows, ROWS_AT_ONCE):
                    _spread(raw.columns.slice(start, ROWS_AT_ONCE), files, chosen)
                rows[table.name] += len(raw.rows) + len(raw.broken)
                broken[table.name] += len(raw.broken)
    return Buckets(directories, accounts, count, rows, broken)


def _contracts(catalogues: tuple[Catalogue, ...]) -> Iterator[Table]:
    """Each table with the columns that any of the catalogues knows."""
    for same in zip(*map(table_contracts, catalogues), strict=True):
        columns = {column.name: column for table in same for column in table.columns}
        yield replace(same[0], columns=tuple(columns.values()))


def _ids(tables: Path) -> Iterator[list[str | None]]:
    """The ids of all accounts, piece by piece."""
    only_ids = replace(ACCOUNTS, columns=(replace(ACCOUNTS[ACCOUNT_ID], type=Type.TEXT),))
    for raw in load(tables, only_ids):
        yield raw.columns.column(ACCOUNT_ID).cast(pa.string()).to_pylist()


def _sampled(tables: Path, size: int) -> tuple[int, AbstractSet[str]]:
    """How many accounts there are, and the `size` of them whose hashes are smallest."""
    count = 0
    chosen: set[str] = set()
    for ids in _ids(tables):
        count += len(ids)
        known = (one for one in ids if one)
        chosen = set(heapq.nsmallest(size, chosen.union(known), key=_hash))
    return count, chosen


def _hash(account_id: str) -> tuple[bytes, str]:
    return blake2b(account_id.encode(), digest_size=8).digest(), account_id


def _file(directory: Path, table: Table, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(directory / f"{table.name}.parquet", schema, compression="lz4")


def _spread(
    table: pa.Table, files: list[pq.ParquetWriter], chosen: AbstractSet[str] | None
) -> None:
    """Write each row to the file of its account's bucket, in the order of the rows."""
    buckets = _bucket_of_rows(table.column(ACCOUNT_ID), len(files), chosen)
    order = np.argsort(buckets, kind="stable")
    ends = np.searchsorted(buckets[order], np.arange(len(files) + 1))
    for file, start, end in zip(files, ends[:-1], ends[1:], strict=True):
        if start < end:
            rows = table.take(pa.array(order[start:end]))
            file.write_table(rows.cast(file.schema))


def _bucket_of_rows(
    column: pa.ChunkedArray, buckets: int, chosen: AbstractSet[str] | None
) -> NDArray[np.int64]:
    """(rows,) A row without an account is nobody's, and is rejected in the first bucket."""
    ids = column.cast(pa.string()).combine_chunks().dictionary_encode()
    bucket = [
        bucket_of(one, buckets) if chosen is None or one in chosen else LEFT_OUT
        for one in ids.dictionary.to_pylist()
    ]
    codes = ids.indices.fill_null(len(bucket)).to_numpy(zero_copy_only=False)
    found: NDArray[np.int64] = np.array([*bucket, 0])[codes]
    return found
