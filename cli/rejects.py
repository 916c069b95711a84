"""Where the rows go that break the contract of the tables: never among the tables themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

rejects_option: Callable[[Any], Any] = click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where rejected rows go, each with its reason; default: TABLES.rejects.csv, beside the "
    "directory of tables.",
)


def rejects_file(given: Path | None, tables: Path) -> Path:
    """The file that was asked for, or one beside the directory `tables`, named after it."""
    folder = tables.resolve()  # of `.` only this knows the name
    return given or folder.with_name(f"{folder.name}.rejects.csv")
