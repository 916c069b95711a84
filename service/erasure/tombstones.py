"""Tombstones lie beside the event log too: training looks there, and Redis may be emptied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import redis

from recommender import keyspace
from recommender.tombstone import FILE, read_tombstones, write_tombstones
from service.events.log_files import LogError
from service.to_disk import to_disk


def keep_tombstones(client: redis.Redis, directory: Path) -> None:
    """Make Redis and the file in `directory` both have all that either has.

    For the owner of the event log. Raises LogError, OSError and redis.RedisError.
    """
    path = directory / FILE
    kept = _kept(path)
    found: Any = client.smembers(keyspace.ERASED)
    erased = frozenset(found)
    if kept - erased:
        client.sadd(keyspace.ERASED, *(kept - erased))
    if erased - kept:
        fresh = path.with_name(f".{FILE}.new")
        fresh.write_text(write_tombstones(kept | erased), encoding="ascii")
        to_disk(fresh)
        fresh.replace(path)
        to_disk(directory)


def _kept(path: Path) -> frozenset[bytes]:
    try:
        return read_tombstones(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return frozenset()
    except ValueError as error:
        raise LogError(
            f"{path}: {error}; restore it from a backup, or the erased may come back"
        ) from None
