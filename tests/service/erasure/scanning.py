"""Looking for an account everywhere: every key and value of Redis, every file, packed or not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import redis


def keys_naming(client: redis.Redis, account_id: str) -> list[str]:
    """The keys that name the account, in their name or in their bytes (lists, sets, hashes too)."""
    name = account_id.encode()
    return [
        key.decode() for key in client.scan_iter() if name in key or name in _value(client, key)
    ]


def files_naming(folder: Path, account_id: str) -> list[str]:
    """The files that name it: in their name, in their bytes, or in what these come to."""
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(account_id.encode() in content for content in _contents(path))
    ]


def _contents(path: Path) -> Iterator[bytes]:
    yield path.name.encode()
    yield path.read_bytes()
    if path.suffix == ".parquet" and not path.name.startswith("."):
        yield repr(pq.ParquetFile(path).read().to_pylist()).encode()
    if path.suffix == ".sqlite":
        with closing(sqlite3.connect(path)) as database:
            yield "\n".join(database.iterdump()).encode()


def _value(client: redis.Redis, key: bytes) -> bytes:
    kind: Any = client.type(key)
    reads: dict[bytes, Callable[[], Any]] = {
        b"string": lambda: client.get(key),
        b"list": lambda: client.lrange(key, 0, -1),
        b"set": lambda: client.smembers(key),
        b"zset": lambda: client.zrange(key, 0, -1),
        b"hash": lambda: client.hgetall(key),
        b"stream": lambda: client.xrange(key),
    }
    return repr(reads[kind]()).encode()
