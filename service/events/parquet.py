"""Events as Parquet files: the columns of the `events` table, and what the kinds say besides.

The only file of the service that needs pyarrow (the extra `worker`); it is imported only there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recommender.account import Value
from recommender.events import Event
from recommender.events.bucket import bucket_of
from recommender.events.kinds import ContextChange, PreferenceChange
from recommender.tables import (
    ACCOUNT_ID,
    EVENTS,
    VALUE,
    Type,
    context_change,
    preference_change,
)
from service.events.log_files import Partition, Write

_TEXT: Final = pa.string()
_INSTANT: Final = pa.timestamp("us", tz="UTC")
_BESIDES: Final = {
    "alert_id": _TEXT,
    "amount_minor": pa.int64(),
    "currency": _TEXT,
    "counterparty": _TEXT,
    "scheme": _TEXT,
    "description": _TEXT,
    "balance_minor": pa.int64(),
}
SCHEMA: Final = pa.schema(
    [
        *(
            (column.name, _INSTANT if column.type is Type.INSTANT else _TEXT)
            for column in EVENTS.columns
        ),
        *_BESIDES.items(),
    ]
)


class Gathered:
    """Events on their way to files: kept as columns, for that is small and quick to cut."""

    def __init__(self, buckets: int) -> None:
        self._buckets = buckets
        self._batches: list[pa.RecordBatch] = []
        self._rows: list[tuple[date, int]] = []
        """The day and the bucket of each."""

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, events: Sequence[Event]) -> None:
        rows = [vars(event) for event in events]
        given = set().union(*rows)  # most kinds say little: most columns have nothing to gather
        columns = {name: [row.get(name) for row in rows] for name in SCHEMA.names if name in given}
        columns[VALUE] = [value_of(event) for event in events]
        arrays = [
            pa.array(columns[name], kind) if name in columns else pa.nulls(len(rows), kind)
            for name, kind in zip(SCHEMA.names, SCHEMA.types, strict=True)
        ]
        self._batches.append(pa.RecordBatch.from_arrays(arrays, schema=SCHEMA))
        self._rows += [
            (event.at.date(), bucket_of(event.account_id, self._buckets)) for event in events
        ]

    def files(self) -> dict[Partition, Write]:
        """How to write the file of each day and bucket; its rows keep the order of arrival."""
        whole = pa.Table.from_batches(self._batches, SCHEMA)
        rows: dict[tuple[date, int], list[int]] = defaultdict(list)
        for row, partition in enumerate(self._rows):
            rows[partition].append(row)
        return {
            (day.isoformat(), bucket): partial(_write, whole.take(pa.array(own)))
            for (day, bucket), own in rows.items()
        }


def _write(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd")


def merge(parts: Iterable[Path], path: Path) -> None:
    """All rows of `parts`, in their order, as one file. Raises OSError, as `_table_of`."""
    tables = [_table_of(part) for part in parts]
    _write(pa.concat_tables(tables, promote_options="default"), path)


def rows_by_account(path: Path) -> dict[str, int]:
    """How many rows of a file are about whom. Raises OSError, as `_table_of`."""
    ids = _table_of(path, columns=[ACCOUNT_ID]).column(0)
    counts = pc.value_counts(ids)
    return dict(zip(counts.field(0).to_pylist(), counts.field(1).to_pylist(), strict=True))


def rows_about(path: Path, account_id: str) -> list[dict[str, Any]]:
    """The rows of a file about one account, by column.

    Raises OSError, as `_table_of`.
    """
    table = _table_of(path)
    found: list[dict[str, Any]] = table.filter(pc.field(ACCOUNT_ID) == account_id).to_pylist()
    return found


def write_without(path: Path, account_ids: Sequence[str], to: Path) -> None:
    """The rows of `path` but for those about some accounts, in their order. Raises OSError, as
    `_table_of`.
    """
    table = _table_of(path)
    gone = pc.is_in(table.column(ACCOUNT_ID), value_set=pa.array(account_ids, _TEXT))
    _write(table.filter(pc.invert(gone)), to)


def _table_of(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Raises OSError: it is gone, cannot be read, or is damaged."""
    try:
        return pq.ParquetFile(path).read(columns=columns)
    except pa.ArrowInvalid as error:
        raise OSError(
            f"{path} is damaged: {error}; restore it from a copy, or move it out of the log"
        ) from None


def value_of(event: Event) -> str | None:
    """The text of the table's column `value`."""
    if isinstance(event, ContextChange):
        return context_change(event.attribute, _said(event.before), _said(event.after))
    if isinstance(event, PreferenceChange):
        return preference_change(event.about, event.subject or "", event.wish)
    value = vars(event).get(VALUE)
    return None if value is None else str(value)


def _said(value: Value | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
