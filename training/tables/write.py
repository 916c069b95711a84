"""Writing tables as Parquet files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from recommender.tables import TABLES, Type

ROWS_IN_GROUP = 500_000

_ARROW: Final = {Type.DATE: pa.date32(), Type.INSTANT: pa.timestamp("us", tz="UTC")}
"""Dates are stored as days and instants with their zone, so that no reader has to guess."""

_TYPES: Final = {
    table.name: {column.name: column.type for column in table.columns} for table in TABLES
}


def write_tables(directory: Path, frames: Mapping[str, pd.DataFrame]) -> None:
    """Write each frame to `<directory>/<name>.parquet`, each whole or not at all.

    Naive instants are UTC. Equal frames give equal bytes. Frames that are no input table (a truth,
    say) are written as they are.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        path = directory / f"{name}.parquet"
        unfinished = path.with_suffix(".parquet.part")
        pq.write_table(
            _to_arrow(name, frame), unfinished, compression="zstd", row_group_size=ROWS_IN_GROUP
        )
        unfinished.replace(path)


def _to_arrow(name: str, frame: pd.DataFrame) -> pa.Table:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    types = _TYPES.get(name, {})
    for place, field in enumerate(table.schema):
        wanted = _ARROW.get(types.get(field.name, Type.TEXT))
        if wanted is not None and field.type != wanted:
            table = table.set_column(place, field.name, table.column(place).cast(wanted))
    # pandas' own notes would make the bytes depend on its version.
    return table.replace_schema_metadata(None)
