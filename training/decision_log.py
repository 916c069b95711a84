"""What was shown, out of the decision log: one row an action, for outcomes to be joined with."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from recommender.decision_table import PSEUDONYM, SHOWN, SHOWN_AT, SHOWN_FIELDS
from recommender.errors import TableError
from recommender.events.span import SUFFIX
from recommender.tables import AT, DECISION_ID

COLUMNS: Final = (DECISION_ID, PSEUDONYM, AT, SHOWN_AT)


def read_shown(directory: Path) -> pd.DataFrame:
    """Columns decision_id, pseudonym, at, shown_at (instants, UTC), action_id, product_id, rank,
    propensity and probability, in the order in which they were shown; each decision once.

    Probability is missing where it is not known, see `recommender.decision_table`. Events have
    `decision_id` too, so `events.merge(shown, on="decision_id")` says what came of what was shown.

    Raises:
        TableError: there is no log, or a file of it cannot be read.
    """
    parts = sorted(directory.glob(f"day=*/[!.]*{SUFFIX}"))
    if not parts:
        raise TableError(f"{directory} has no decisions: it is where `raak worker` logs them")
    try:
        tables = [pq.ParquetFile(part).read(columns=[*COLUMNS, SHOWN]) for part in parts]
    except (pa.ArrowException, OSError) as error:
        raise TableError(f"{directory}: {str(error).partition(chr(10))[0]}") from error
    return _by_action(pa.concat_tables(tables).to_pandas())


def _by_action(decisions: pd.DataFrame) -> pd.DataFrame:
    """The log keeps no decision twice but within a window; here there is none at all."""
    rows = decisions.drop_duplicates(DECISION_ID).explode(SHOWN, ignore_index=True)
    rows = rows[rows[SHOWN].notna()].reset_index(drop=True)
    actions = pd.DataFrame(rows[SHOWN].tolist(), columns=list(SHOWN_FIELDS))
    return pd.concat([rows[list(COLUMNS)], actions], axis=1)
