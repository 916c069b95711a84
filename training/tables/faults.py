"""Rows that break the contract: collected, counted, and in excess a reason to stop."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from recommender.errors import TableError
from recommender.tables import ACCOUNT_ID
from training.tables.frames import COLUMN, REASON, ROW, TABLE

Flags = NDArray[np.bool_]

MOST_REASONS = 3
"""So many of the most frequent reasons are named when a run stops."""

MOST_HINTS: Final = 100
"""Beyond so many different wrong values or possible ones it is no slip of the pen."""


class Faults:
    """The faulty rows of one table. A row is rejected once, for the first fault found in it."""

    def __init__(self, table: str, source: str) -> None:
        self._table = table
        self._source = source
        self._total = 0
        self._found: list[pd.DataFrame] = []
        self._counts: dict[str, int] = {}

    def begin(self, rows: NDArray[np.int64], ids: pa.ChunkedArray) -> None:
        """Turn to the next piece of the table: `good` and `add` are about its rows from here on.

        `rows` numbers the table's data rows from 1; rows that could not be read are not there.
        `ids` (rows,) says whose each row is, as the file has it.
        """
        self._rows = rows
        self._ids = ids
        self._bad: Flags = np.zeros(len(rows), dtype=np.bool_)
        self._total += len(rows)

    @property
    def good(self) -> Flags:
        """(rows,): which rows of the piece have no fault so far."""
        good: Flags = ~self._bad
        return good

    def add(
        self,
        bad: Flags,
        column: str,
        what: str,
        values: pa.ChunkedArray | None = None,
        known: Sequence[str] = (),
    ) -> None:
        """Reject the rows flagged in `bad`; reasons quote `values` (rows,), as they were found.

        `known` are the values there may be: one of them may have been meant.
        """
        new = np.flatnonzero(bad & ~self._bad)
        if not len(new):
            return
        self._bad[new] = True
        chosen = pa.array(new)
        quoted = [""] * len(new)
        if values is not None:
            found = values.take(chosen).to_pylist()
            hints = _hints(found, known)
            quoted = [f": {value}{hints.get(value, '')}" for value in found]
        ids = self._ids.take(chosen).cast(pa.string()).to_pylist()
        self._note(self._rows[new], ids, column, what, quoted)

    def unreadable(self, rows: NDArray[np.int64], reasons: list[str]) -> None:
        """Reject rows of the file that are not among the rows that were read."""
        self._total += len(rows)
        if len(rows):
            said = [f": {one}" for one in reasons]
            self._note(rows, [None] * len(rows), "", "not a row of this table", said)

    def frame(self) -> pd.DataFrame:
        """The rejects, by row."""
        if not self._found:
            return no_rejects()
        return pd.concat(self._found, ignore_index=True).sort_values(ROW, ignore_index=True)

    def stop_beyond(self, share: float, rejects_to: Path | None) -> None:
        """Raise TableError if more than `share` of the table's rows were rejected."""
        bad, total = sum(self._counts.values()), self._total
        if not bad or bad <= share * total:
            return
        worst = sorted(self._counts.items(), key=lambda item: -item[1])
        reasons = "; ".join(f"{what} ({count:,})" for what, count in worst[:MOST_REASONS])
        where = f"; all of them are in {rejects_to}" if rejects_to else ""
        raise TableError(
            f"{self._source}: {bad:,} of {total:,} rows ({bad / total:.1%}) break the contract, "
            f"more than the {share:.1%} that may: {reasons}{where}"
        )

    def _note(
        self,
        rows: NDArray[np.int64],
        ids: Sequence[str | None],
        column: str,
        what: str,
        quoted: Sequence[str],
    ) -> None:
        reasons = [what + one for one in quoted]
        whose = pd.Series([one or None for one in ids], dtype="str")
        found = {TABLE: self._table, ROW: rows, ACCOUNT_ID: whose, COLUMN: column, REASON: reasons}
        self._found.append(pd.DataFrame(found))
        key = f"{column}: {what}" if column else what
        self._counts[key] = self._counts.get(key, 0) + len(rows)


def _hints(found: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """Each wrong value that is nearly one of `known`, with what is said about that."""
    wrong = set(found)
    if not known or max(len(wrong), len(known)) > MOST_HINTS:
        return {}
    close = {value: get_close_matches(value, known, n=1) for value in wrong}
    return {value: f" (did you mean {likely[0]!r}?)" for value, likely in close.items() if likely}


def no_rejects() -> pd.DataFrame:
    dtypes = {TABLE: "str", ROW: "int64", ACCOUNT_ID: "str", COLUMN: "str", REASON: "str"}
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in dtypes.items()})


def write_rejects(rejects: pd.DataFrame, path: Path) -> None:
    """Write the rejects as `.csv` or `.parquet`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        rejects.to_csv(path, index=False)
    else:
        rejects.to_parquet(path, index=False)
