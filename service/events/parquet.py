"""Events as Parquet files: the columns of the `events` table, and what the kinds say besides.

The only file of the service that needs pyarrow (the extra `worker`); it is imported only there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from recommender.account import Value
from recommender.events import Event
from recommender.events.kinds import ContextChange
from recommender.tables import AT, EVENTS, KIND, VALUE, context_change

_TEXT: Final = pa.string()
_BESIDES: Final = {
    "action_id": _TEXT,
    "case_id": _TEXT,
    "promised_at": pa.timestamp("us", tz="UTC"),
    "amount_minor": pa.int64(),
    "currency": _TEXT,
    "counterparty": _TEXT,
    "scheme": _TEXT,
    "description": _TEXT,
    "balance_minor": pa.int64(),
}
SCHEMA: Final = pa.schema(
    [
        *((name, pa.timestamp("us", tz="UTC") if name == AT else _TEXT) for name in EVENTS.names),
        *_BESIDES.items(),
    ]
)


def write_events(path: Path, events: Sequence[Event]) -> None:
    """One file, in the order of `events`."""
    columns = {name: [_cell(event, name) for event in events] for name in SCHEMA.names}
    pq.write_table(pa.table(columns, schema=SCHEMA), path, compression="zstd")


def merge(parts: Iterable[Path], path: Path) -> None:
    """All rows of `parts`, in their order, as one file."""
    tables = [pq.ParquetFile(part).read() for part in parts]
    pq.write_table(pa.concat_tables(tables, promote_options="default"), path, compression="zstd")


def _cell(event: Event, name: str) -> Any:
    if name == VALUE:
        return value_of(event)
    return event.kind.value if name == KIND else getattr(event, name, None)


def value_of(event: Event) -> str | None:
    """The text of the table's column `value`."""
    if isinstance(event, ContextChange):
        return context_change(event.attribute, _said(event.before), _said(event.after))
    value = getattr(event, VALUE, None)
    return None if value is None else str(value)


def _said(value: Value | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
