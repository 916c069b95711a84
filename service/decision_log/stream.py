"""The stream of decisions, as its one reader sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec
import redis

from recommender import keyspace
from recommender.events.span import after
from recommender.keyspace import account_of
from service.decision_log.served import Served, pack_served, unpack_served
from service.events.stream import text

PAGE: Final = 64

# What is logged goes, and is no longer counted as waiting.
_FORGET: Final = """
redis.call('XTRIM', KEYS[1], 'MINID', ARGV[1])
if redis.call('XLEN', KEYS[1]) == 0 or redis.call('DECRBY', KEYS[2], ARGV[2]) < 0 then
  redis.call('DEL', KEYS[2])
end
redis.call('SET', KEYS[3], ARGV[3])
"""

# Some decisions of an entry go; the others come again at the end.
_REPLACE: Final = """
if redis.call('XDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
if ARGV[2] ~= '' then redis.call('XADD', KEYS[1], '*', 'd', ARGV[2]) end
redis.call('INCRBY', KEYS[2], #ARGV[2] - ARGV[3])
return 1
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


def take_out(client: redis.Redis, account_id: str) -> int:
    """Remove all that waits here about an account. Returns how many decisions it was.

    For erasure, before `Pseudonyms.forget`: what a worker has read already is logged under a
    pseudonym that is written down nowhere. Raises redis.RedisError.
    """
    removed = 0
    for entry, served in _read_all(client):
        others = [one for one in served if account_of(one.key) != account_id]
        if len(others) < len(served):
            rest = pack_served(others) if others else b""
            keys = (keyspace.DECISIONS, keyspace.DECISIONS_BYTES)
            done = client.eval(_REPLACE, len(keys), *keys, entry.id, rest, str(len(entry.packed)))
            removed += int(str(done)) * (len(served) - len(others))
    return removed


def waiting_about(client: redis.Redis, account_id: str) -> list[Served]:
    """All that waits here about an account."""
    waiting = (one for _, served in _read_all(client) for one in served)
    return [one for one in waiting if account_of(one.key) == account_id]


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


def _read_all(client: redis.Redis) -> list[tuple[Entry, tuple[Served, ...]]]:
    """What waits now, and nothing that comes meanwhile."""
    newest: Any = client.xrevrange(keyspace.DECISIONS, count=1)
    if not newest:
        return []
    return [(entry, _served(entry)) for entry in _all(client, text(newest[0][0]))]


def _served(entry: Entry) -> tuple[Served, ...]:
    try:
        return unpack_served(entry.packed)
    except msgspec.DecodeError:  # the log's writer counts it
        return ()


def _entries(found: Any) -> list[Entry]:
    return [Entry(entry_id.decode(), fields.get(b"d", b"")) for entry_id, fields in found]
