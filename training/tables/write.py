"""Writing tables as Parquet files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd


def write_tables(directory: Path, frames: Mapping[str, pd.DataFrame]) -> None:
    """Write each frame to `<directory>/<table>.parquet`, whole or not at all."""
    raise NotImplementedError
