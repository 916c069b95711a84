"""Real data goes through the same border as everybody's: written as files, read and checked."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pandas as pd

from recommender.catalogue import Catalogue
from recommender.tables import EVENTS, TRANSACTIONS, Table
from training.tables import Tables, read_tables, write_tables


def no_rows(table: Table) -> pd.DataFrame:
    """A frame with the columns of `table` and nothing in them: the data set knows no such thing."""
    return pd.DataFrame({name: pd.Series(dtype="str") for name in table.names})


def through_files(
    frames: Mapping[str, pd.DataFrame], catalogue: Catalogue, *, now: datetime
) -> Tables:
    """`frames` as `raak train` would read them; no row may break the contract.

    Raises:
        TableError: a row does.
    """
    unknown = {table.name: no_rows(table) for table in (EVENTS, TRANSACTIONS)}
    with tempfile.TemporaryDirectory() as directory:
        write_tables(Path(directory), {**unknown, **frames})
        return read_tables(Path(directory), catalogue, now=now, max_reject_share=0.0)
