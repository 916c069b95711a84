"""Erased accounts, for the commands that read tables: they may still have them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from training.tables import Tables


def event_log() -> Path | None:
    """Where the event log says who was erased, if it does not stand among the tables."""
    directory = os.environ.get("RAAK_EVENTS_LOG_DIR")
    return Path(directory) if directory else None


def say_erased(read: Tables) -> None:
    """How many rows were left out, by table; nothing when nobody was erased whom they have."""
    if len(read.erased):
        rows = ", ".join(f"{table} {number:,}" for table, number in read.erased.to_numpy())
        click.echo(f"rows left out, their accounts being erased: {rows}")
