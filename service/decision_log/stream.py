"""The stream of decisions, as its one reader sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import redis

from recommender import keyspace
from recommender.events.span import after

PAGE: Final = 64

# What is logged goes, and is no longer counted as waiting.
_FORGET: Final = """
redis.call('XTRIM', KEYS[1], 'MINID', ARGV[1])
if redis.call('XLEN', KEYS[1]) == 0 or redis.call('DECRBY', KEYS[2], ARGV[2]) < 0 then
  redis.call('DEL', KEYS[2])
end
redis.call('SET', KEYS[3], ARGV[3])
"""


class Entry(NamedTuple):
    """Many decisions that left a service together."""

    id: str
    packed: bytes

    @property
    def ms(self) -> int:
        """When Redis took it, in milliseconds since 1970."""
        return int(self.id.partition("-")[0])


def read(client: redis.Redis, last: str, most: int, block_ms: int) -> list[Entry]:
    """What comes after `last`; waits for it at most `block_ms`."""
    found: Any = client.xread({keyspace.DECISIONS: last}, count=most, block=block_ms)
    return [entry for _, some in found or () for entry in _entries(some)]


def forget(client: redis.Redis, last: str, logged_bytes: int, head: str) -> None:
    """All up to `last` is on disk, in a log whose chain ends with `head`."""
    keys = (keyspace.DECISIONS, keyspace.DECISIONS_BYTES, keyspace.DECISIONS_LOGGED)
    client.eval(_FORGET, len(keys), *keys, after(last), str(logged_bytes), f"{last} {head}")


def bytes_up_to(client: redis.Redis, last: str) -> int:
    """How much of what is logged waits on the stream all the same: a worker ended in between."""
    return sum(len(entry.packed) for entry in _all(client, last))


def waiting_bytes(client: redis.Redis) -> int:
    found: Any = client.get(keyspace.DECISIONS_BYTES)
    return int(found or 0)


def logged_head(client: redis.Redis) -> str | None:
    """The head of the log that was written from this stream last."""
    found: Any = client.get(keyspace.DECISIONS_LOGGED)
    return None if found is None else str(found.decode().partition(" ")[2])


def _all(client: redis.Redis, last: str) -> Iterator[Entry]:
    start = "-"
    while True:
        found: Any = client.xrange(keyspace.DECISIONS, start, last, count=PAGE)
        if not found:
            return
        page = _entries(found)
        yield from page
        start = after(page[-1].id)


def _entries(found: Any) -> list[Entry]:
    return [Entry(entry_id.decode(), fields.get(b"d", b"")) for entry_id, fields in found]
