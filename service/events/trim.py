"""Trimming the stream: what every reader is done with goes, and nothing else."""

from __future__ import annotations

from typing import Any

import redis

from recommender import keyspace
from recommender.events.span import after, order
from service.events.stream import GROUP, text


def trim(client: redis.Redis, *, log_kept: bool) -> int:
    """Remove what is folded and, where a log is kept, logged. Returns how many events are left.

    `log_kept`: whether this deployment keeps a log; one that has begun counts in any case.
    """
    with client.pipeline(transaction=True) as pipeline:  # one instant, or a gap could be cut away
        pipeline.xinfo_groups(keyspace.EVENTS)
        pipeline.xpending(keyspace.EVENTS, GROUP)
        pipeline.get(keyspace.EVENTS_LOGGED)
        groups, pending, logged = pipeline.execute()
    firsts = [_first_unfolded(groups, pending)]
    if logged is not None or log_kept:
        firsts.append(after(text(logged)) if logged is not None else "0")
    client.xtrim(keyspace.EVENTS, minid=min(firsts, key=order), approximate=False)
    left: Any = client.xlen(keyspace.EVENTS)
    return int(left)


def _first_unfolded(groups: list[dict[str, Any]], pending: dict[str, Any]) -> str:
    if pending["pending"]:
        return text(pending["min"])
    delivered = next(group for group in groups if text(group["name"]) == GROUP)
    return after(text(delivered["last-delivered-id"]))
