"""Everybody's bookings put away on disk by account, so that no process holds more than a bucket.

Pieces of the table come in the file's order; each becomes one file with a batch for every bucket. A
bucket is read by taking its batch out of each file, so any number of buckets needs no more files
open than one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from recommender.tables import (
    ACCOUNT_ID,
    AMOUNT_MINOR,
    BALANCE_MINOR,
    BOOKED_ON,
    COUNTERPARTY,
    CURRENCY,
    SCHEME,
)
from training.snapshots.moments import positions
from training.tables.pieces import together

ACCOUNTS_IN_BUCKET = 1_000
"""Few enough for each core to hold their bookings, and for a progress bar to move."""

SCHEMA: Final = pa.schema(
    [
        (ACCOUNT_ID, pa.int32()),  # its place in its bucket
        (BOOKED_ON, pa.date32()),
        (AMOUNT_MINOR, pa.int64()),
        (CURRENCY, pa.string()),
        (COUNTERPARTY, pa.string()),
        (SCHEME, pa.string()),
        (BALANCE_MINOR, pa.int64()),
    ]
)
_NULLABLE: Final = {pa.int64(): pd.Int64Dtype()}
_OPTIONS: Final = pa.ipc.IpcWriteOptions(compression="lz4")


@dataclass(frozen=True)
class Bucket:
    """Some accounts, and where their bookings are: batch `number` of each of the `files`."""

    accounts: tuple[str, ...]
    number: int
    files: Sequence[Path]

    def read(self) -> pd.DataFrame:
        """Their bookings, each account's in the order of the table; the dtypes of `Tables`."""
        batches = [_batch(file, self.number) for file in self.files]
        rows = pa.Table.from_batches([one for one in batches if one.num_rows], SCHEMA)
        codes, accounts = rows.column(ACCOUNT_ID).to_numpy(), pd.Index(self.accounts, dtype="str")
        columns = {
            ACCOUNT_ID: pd.Categorical.from_codes(codes, categories=accounts),
            BOOKED_ON: rows.column(BOOKED_ON).cast(pa.timestamp("us")).to_numpy(),
            AMOUNT_MINOR: rows.column(AMOUNT_MINOR).to_numpy(),
            **{one: _categories(rows.column(one)) for one in (CURRENCY, COUNTERPARTY, SCHEME)},
            BALANCE_MINOR: rows.column(BALANCE_MINOR).to_pandas(types_mapper=_NULLABLE.get),
        }
        return pd.DataFrame(columns, copy=False)


@dataclass
class Bookings:
    """Puts bookings away under `folder`, which is empty, and tells the buckets they are in.

    Accounts are in the order of a hash of their ids: the first bucket is a sample of them all.
    """

    folder: Path
    until: date | None = None
    """The day of the last booking."""
    _files: list[Path] = field(default_factory=list)
    _accounts: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=object))
    _place: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))

    def add(self, piece: pd.DataFrame) -> None:
        """Put away a piece of the table, whose account ids have all accounts as categories."""
        if not self._files:
            self._called(piece[ACCOUNT_ID].cat.categories.to_numpy(dtype=object))
        place = self._place[positions(piece[ACCOUNT_ID])]
        bucket = place // ACCOUNTS_IN_BUCKET
        order = np.argsort(bucket, kind="stable")
        edges = np.searchsorted(bucket[order], np.arange(self._count() + 1))
        rows = piece[SCHEMA.names].assign(**{ACCOUNT_ID: place % ACCOUNTS_IN_BUCKET})
        table = pa.Table.from_pandas(rows, preserve_index=False).take(pa.array(order))
        table = table.cast(SCHEMA).combine_chunks()
        file = self.folder / f"{len(self._files):06}.arrow"
        with pa.ipc.new_file(file, SCHEMA, options=_OPTIONS) as writer:
            for start, end in pairwise(edges.tolist()):
                for batch in table.slice(start, end - start).to_batches() or [_NOTHING]:
                    writer.write_batch(batch)
        self._files.append(file)
        if len(piece):
            last = piece[BOOKED_ON].max().date()
            self.until = last if self.until is None else max(self.until, last)

    def buckets(self) -> Iterator[Bucket]:
        """All of them; of a bucket nobody needs to have a booking."""
        for number in range(self._count()):
            first = number * ACCOUNTS_IN_BUCKET
            accounts = self._accounts[first : first + ACCOUNTS_IN_BUCKET]
            yield Bucket(tuple(accounts.tolist()), number, self._files)

    def sample(self, size: int) -> pd.DataFrame:
        """The bookings of `size` of the accounts that have any: equal ones for equal ids."""
        found: list[pd.DataFrame] = []
        for bucket in self.buckets():
            rows = bucket.read()
            codes = rows[ACCOUNT_ID].cat.codes
            wanted = np.unique(codes)[:size]
            size -= len(wanted)
            found.append(rows[codes.isin(wanted)])
            if not size:
                break
        return together(found)

    def _count(self) -> int:
        return -(-len(self._accounts) // ACCOUNTS_IN_BUCKET)

    def _called(self, accounts: NDArray[np.object_]) -> None:
        hashes = [blake2b(one.encode(), digest_size=8).digest() for one in accounts]
        order = np.array(sorted(range(len(accounts)), key=hashes.__getitem__), dtype=np.int64)
        self._accounts = accounts[order]
        self._place = np.empty(len(order), np.int32)
        self._place[order] = np.arange(len(order), dtype=np.int32)


_NOTHING: Final = pa.RecordBatch.from_pylist([], SCHEMA)


def _batch(file: Path, number: int) -> pa.RecordBatch:
    with pa.memory_map(str(file)) as source:
        return pa.ipc.open_file(source).get_batch(number)


def _categories(column: pa.ChunkedArray) -> pd.Categorical:
    """In the order of the alphabet, whatever the order of the rows."""
    found = column.dictionary_encode().combine_chunks()
    texts = found.dictionary.to_pylist()
    order = sorted(range(len(texts)), key=texts.__getitem__)
    place = np.empty(len(texts) + 1, np.int32)
    place[order], place[-1] = np.arange(len(texts)), -1
    codes = found.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
    categories = pd.Index([texts[one] for one in order], dtype="str")
    return pd.Categorical.from_codes(place[codes], categories=categories)
