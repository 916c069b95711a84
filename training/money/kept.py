"""Finances kept in a file beside the tables, for as long as the bookings stay as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from recommender.tables import ACCOUNT_ID, TRANSACTIONS
from training.tables.files import SUFFIXES, parts

VERSION: Final = 1
"""Raised whenever what bookings teach, or how it is packed, changes."""

FINANCES: Final = "finances"
MADE_FROM: Final = b"raak.made_from"
BLOCK = 1 << 20


def kept_file(tables: Path) -> Path:
    """Beside the directory `tables`, and named after it."""
    folder = tables.resolve()  # of `.` only this knows the name
    return folder.with_name(f"{folder.name}.finances.parquet")


def made_from(tables: Path, currency: str) -> str:
    """A digest of all that finances are learnt from."""
    total = hashlib.sha256(f"{VERSION} {currency}".encode())
    candidates = [*(tables / f"{TRANSACTIONS.name}{suffix}" for suffix in SUFFIXES)]
    candidates.append(tables / TRANSACTIONS.name)
    for path in candidates:
        for part in parts(path) if path.exists() else ():
            total.update(part.name.encode())
            with part.open("rb") as file:
                while block := file.read(BLOCK):
                    total.update(block)
    return total.hexdigest()


def read_kept(file: Path, inputs: str, accounts: AbstractSet[str]) -> dict[str, bytes] | None:
    """The packed finances by account; None when they were made from something else.

    Nor is a file used in which there is somebody who is not among `accounts`, having left or been
    erased: it is to be written anew.
    """
    if not file.is_file():
        return None
    try:
        table = pq.read_table(file)
    except (pa.ArrowException, OSError):
        return None
    if (table.schema.metadata or {}).get(MADE_FROM) != inputs.encode():
        return None
    ids = table.column(ACCOUNT_ID).to_pylist()
    if not accounts >= set(ids):
        return None
    return dict(zip(ids, table.column(FINANCES).to_pylist(), strict=True))


def write_kept(file: Path, inputs: str, finances: Mapping[str, bytes]) -> None:
    """The whole file or, when this is stopped, the one before."""
    schema = pa.schema(
        [(ACCOUNT_ID, pa.string()), (FINANCES, pa.binary())], metadata={MADE_FROM: inputs.encode()}
    )
    table = pa.table([list(finances), list(finances.values())], schema=schema)
    unfinished = file.with_suffix(".parquet.part")
    pq.write_table(table, unfinished)
    unfinished.replace(file)
