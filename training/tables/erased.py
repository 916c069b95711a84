"""Who was erased: their rows are left out, for as long as the company's tables still have them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommender.errors import TableError
from recommender.tables import ACCOUNT_ID, EVENTS
from recommender.tombstone import FILE, digest, read_tombstones
from training.tables.files import Raw

NOBODY: Final[frozenset[bytes]] = frozenset()


def read_erased(directory: Path, event_log: Path | None = None) -> frozenset[bytes]:
    """The tombstones in a directory of tables, in the event log that stands among them, and in
    `event_log`, if it stands elsewhere.

    Raises:
        TableError: a file of tombstones cannot be read: then nobody knows who was erased.
    """
    places = {directory, directory / EVENTS.name, event_log or directory}
    return NOBODY.union(*(_tombstones(place / FILE) for place in places))


class Erased:
    """Leaves them out, and counts."""

    def __init__(self, tombstones: AbstractSet[bytes]) -> None:
        self._tombstones = tombstones
        self.by_table: Counter[str] = Counter()

    def leave_out(self, raw: Raw, table: str) -> Raw:
        """`raw` but for their rows, which leave no trace among the rejects either."""
        if not self._tombstones or ACCOUNT_ID not in raw.columns.column_names:
            return raw
        ids = raw.columns.column(ACCOUNT_ID).cast(pa.string())
        known = filter(None, pc.unique(ids).to_pylist())
        erased = [account_id for account_id in known if digest(account_id) in self._tombstones]
        if not erased:
            return raw
        stays = pc.invert(pc.is_in(ids, value_set=pa.array(erased, pa.string())))
        columns = _encoded_anew(raw.columns.filter(stays))
        self.by_table[table] += raw.columns.num_rows - columns.num_rows
        return replace(raw, columns=columns, rows=raw.rows[np.asarray(stays)])


def _encoded_anew(columns: pa.Table) -> pa.Table:
    """Values that only the erased had are in no dictionary either."""
    for place, column in enumerate(columns.schema):
        if pa.types.is_dictionary(column.type):
            anew = columns.column(place).cast(column.type.value_type).dictionary_encode()
            columns = columns.set_column(place, column.name, anew)
    return columns


def _tombstones(path: Path) -> frozenset[bytes]:
    try:
        return read_tombstones(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return NOBODY
    except (OSError, ValueError) as error:
        raise TableError(
            f"{path} cannot be read, so nobody knows who was erased: {error}"
        ) from None
