"""Erased accounts, for the commands that read tables: they may still have them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pandas as pd


def event_log() -> Path | None:
    """Where the event log says who was erased, if it does not stand among the tables."""
    directory = os.environ.get("RAAK_EVENTS_LOG_DIR")
    return Path(directory) if directory else None


def say_erased(erased: pd.DataFrame) -> None:
    """How many rows (`Tables.erased`) were left out, by table; nothing when none were."""
    if len(erased):
        rows = ", ".join(f"{table} {number:,}" for table, number in erased.to_numpy())
        click.echo(f"rows left out, their accounts being erased: {rows}")
