"""What bookings taught, kept in a file beside the tables for as long as they stay as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from recommender.tables import ACCOUNT_ID, TRANSACTIONS
from training.tables.files import SUFFIXES, parts

VERSION: Final = 3
"""Raised whenever what bookings teach, what is made of it, or how it is packed, changes."""

FINANCES: Final = "finances"
LOOKED_FROM: Final = "looked_from"
AHEAD: Final = "ahead"
MADE_FROM: Final = b"raak.made_from"
DAY: Final = b"raak.day"
BLOCK = 1 << 20


class Looked(NamedTuple):
    """What lay ahead of an account, packed, and a digest of what else it was made from."""

    made_from: bytes
    ahead: bytes


@dataclass(frozen=True)
class Kept:
    """Packed finances by account; and of those who were looked at on `day`, what lay ahead."""

    finances: Mapping[str, bytes]
    day: date | None = None
    looked: Mapping[str, Looked] = field(default_factory=dict)


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


def read_kept(file: Path, inputs: str, accounts: AbstractSet[str]) -> Kept | None:
    """None when there is nothing, or it was made from something else than `inputs`.

    Nor is a file used in which there is somebody who is not among `accounts`, having left or been
    erased: it is to be written anew.
    """
    if not file.is_file():
        return None
    try:
        table = pq.read_table(file)
    except (pa.ArrowException, OSError):
        return None
    told = table.schema.metadata or {}
    ids = table.column(ACCOUNT_ID).to_pylist()
    if told.get(MADE_FROM) != inputs.encode() or not accounts >= set(ids):
        return None
    looked = zip(*(table.column(name).to_pylist() for name in (LOOKED_FROM, AHEAD)), strict=True)
    return Kept(
        dict(zip(ids, table.column(FINANCES).to_pylist(), strict=True)),
        date.fromisoformat(told[DAY].decode()) if DAY in told else None,
        {who: Looked(*one) for who, one in zip(ids, looked, strict=True) if one[1] is not None},
    )


def write_kept(file: Path, inputs: str, kept: Kept) -> None:
    """The whole file or, when this is stopped, the one before."""
    told = {MADE_FROM: inputs.encode()}
    if kept.day is not None:
        told[DAY] = kept.day.isoformat().encode()
    columns = (FINANCES, LOOKED_FROM, AHEAD)
    fields = [(ACCOUNT_ID, pa.string()), *((name, pa.binary()) for name in columns)]
    nothing = (None, None)
    looked = [kept.looked.get(account_id, nothing) for account_id in kept.finances]
    table = pa.table(
        [
            list(kept.finances),
            list(kept.finances.values()),
            [one[0] for one in looked],
            [one[1] for one in looked],
        ],
        schema=pa.schema(fields, metadata=told),
    )
    unfinished = file.with_suffix(".parquet.part")
    pq.write_table(table, unfinished)
    unfinished.replace(file)
