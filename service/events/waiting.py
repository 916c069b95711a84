"""What was accepted and is in no state yet, as Redis itself knows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import redis
from redis.exceptions import ResponseError

from recommender import keyspace
from recommender.events.span import after
from service.events.dead import dead_letters
from service.events.stream import GROUP, Entry, entries, text

PAGE = 1_000


class _Named(msgspec.Struct):
    event_id: str


_named = msgspec.json.Decoder(_Named)


def waits_s(client: redis.Redis) -> float:
    """How long the oldest event that is in no state yet has waited, in seconds; 0 when none waits.

    By Redis' own clock, which also numbered the events. Raises redis.RedisError.
    """
    oldest = _oldest_unfolded(client)
    if oldest is None:
        return 0.0
    told: Any = client.time()
    now = float(told[0] + told[1] / 1e6)
    arrived_ms = int(oldest.partition("-")[0])
    return max(now - arrived_ms / 1e3, 0.0)


def to_be_folded(client: redis.Redis) -> frozenset[str]:
    """The ids of events that no state has and every state will have: those on the stream that no
    worker is done with, and the dead letters, since those may be put back. What the worker did
    meanwhile may be among them. Raises redis.RedisError.
    """
    waiting = (entry.text for entry in _unfolded(client) if not entry.folded)
    dead = (letter.event.encode() for letter in dead_letters(client))
    return frozenset(name for told in (*waiting, *dead) if (name := _id_in(told)) is not None)


def _unfolded(client: redis.Redis) -> Iterator[Entry]:
    since = _oldest_unfolded(client)
    while since is not None:
        found: Any = client.xrange(keyspace.EVENTS, since, count=PAGE)
        yield from entries(found)
        since = after(text(found[-1][0])) if found else None


def _id_in(told: bytes) -> str | None:
    """None of what cannot be read: nothing can be made of it, in a table or in a state."""
    try:
        return _named.decode(told).event_id
    except msgspec.DecodeError:
        return None


def _oldest_unfolded(client: redis.Redis) -> str | None:
    """Held by a worker, or not yet given to any: its id on the stream."""
    try:
        with client.pipeline(transaction=True) as pipeline:
            pipeline.xinfo_groups(keyspace.EVENTS)
            pipeline.xpending(keyspace.EVENTS, GROUP)
            groups, pending = pipeline.execute()
    except ResponseError:  # no stream, or no worker ever came to make the group
        if not client.exists(keyspace.EVENTS):
            return None
        return _first(client, "-")
    if pending["pending"]:
        return text(pending["min"])
    last = next(text(one["last-delivered-id"]) for one in groups if text(one["name"]) == GROUP)
    return _first(client, after(last))


def _first(client: redis.Redis, since: str) -> str | None:
    found: Any = client.xrange(keyspace.EVENTS, since, count=1)
    return text(found[0][0]) if found else None
