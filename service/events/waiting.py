"""How far the states lag behind what was accepted, as Redis itself knows it."""

from __future__ import annotations

from typing import Any

import redis
from redis.exceptions import ResponseError

from recommender import keyspace
from recommender.events.span import after
from service.events.stream import GROUP, text


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
