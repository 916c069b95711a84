"""Rows that break the contract: collected, counted, and in excess a reason to stop."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from recommender.errors import TableError
from training.tables.frames import COLUMN, REASON, ROW, TABLE

Flags = NDArray[np.bool_]

MOST_REASONS = 3
"""So many of the most frequent reasons are named when a run stops."""

COLUMNS: Final = (TABLE, ROW, COLUMN, REASON)


class Faults:
    """The faulty rows of one table. A row is rejected once, for the first fault found in it."""

    def __init__(self, table: str, source: str, rows: NDArray[np.int64]) -> None:
        """`rows` numbers the file's data rows from 1; rows that could not be read are not there."""
        self._table = table
        self._source = source
        self._rows = rows
        self._bad: Flags = np.zeros(len(rows), dtype=np.bool_)
        self._found: list[pd.DataFrame] = []
        self._counts: dict[str, int] = {}

    @property
    def good(self) -> Flags:
        """(rows,): which rows have no fault so far."""
        good: Flags = ~self._bad
        return good

    def add(
        self, bad: Flags, column: str, what: str, values: pa.ChunkedArray | None = None
    ) -> None:
        """Reject the rows flagged in `bad`; reasons quote `values` (rows,), as they were found."""
        new = np.flatnonzero(bad & ~self._bad)
        if not len(new):
            return
        self._bad[new] = True
        quoted = (
            [""] * len(new)
            if values is None
            else [f": {value}" for value in values.take(pa.array(new)).to_pylist()]
        )
        self._note(self._rows[new], column, what, quoted)

    def unreadable(self, rows: NDArray[np.int64], reasons: list[str]) -> None:
        """Reject rows of the file that are not among the rows that were read."""
        if len(rows):
            self._note(rows, "", "not a row of this table", [f": {one}" for one in reasons])

    def frame(self) -> pd.DataFrame:
        """The rejects, by row."""
        if not self._found:
            return no_rejects()
        return pd.concat(self._found, ignore_index=True).sort_values(ROW, ignore_index=True)

    def stop_beyond(self, share: float, rejects_to: Path | None) -> None:
        """Raise TableError if more than `share` of the file's rows were rejected."""
        bad = sum(self._counts.values())
        total = len(self._rows) + bad - int(self._bad.sum())
        if not bad or bad <= share * total:
            return
        worst = sorted(self._counts.items(), key=lambda item: -item[1])
        reasons = "; ".join(f"{what} ({count:,})" for what, count in worst[:MOST_REASONS])
        where = f"; all of them are in {rejects_to}" if rejects_to else ""
        raise TableError(
            f"{self._source}: {bad:,} of {total:,} rows ({bad / total:.1%}) break the contract, "
            f"more than the {share:.1%} that may: {reasons}{where}"
        )

    def _note(self, rows: NDArray[np.int64], column: str, what: str, quoted: Sequence[str]) -> None:
        found = pd.DataFrame({TABLE: self._table, ROW: rows, COLUMN: column})
        self._found.append(found.assign(**{REASON: [what + one for one in quoted]}))
        key = f"{column}: {what}" if column else what
        self._counts[key] = self._counts.get(key, 0) + len(rows)


def no_rejects() -> pd.DataFrame:
    return pd.DataFrame({TABLE: [], ROW: [], COLUMN: [], REASON: []}).astype(
        {TABLE: "str", ROW: "int64", COLUMN: "str", REASON: "str"}
    )


def write_rejects(rejects: pd.DataFrame, path: Path) -> None:
    """Write the rejects as `.csv` or `.parquet`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        rejects.to_csv(path, index=False)
    else:
        rejects.to_parquet(path, index=False)
