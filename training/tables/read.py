"""Reading the tables of a directory: every row is kept or rejected with a reason, none is lost."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

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

    `now` is an aware UTC instant: what lies after it has not happened. Rejected rows also go to
    `rejects_to` (`.csv` or `.parquet`), before an excess of them stops the run.

    Raises:
        TableError: a table or column is missing, a column has the wrong type, a table without
            which nothing can be learnt is empty, or more than `max_reject_share` of a table's rows
            broke the contract.
    """
    raise NotImplementedError
