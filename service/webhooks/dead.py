"""Deliveries that were given up: listed, and tried once more from the beginning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import redis

from recommender import keyspace
from recommender.events.span import after
from service.events.stream import text
from service.webhooks.delivery import Delivery, unpack_delivery

PAGE = 500


@dataclass(frozen=True, slots=True)
class DeadDelivery:
    """`id` is its own among the dead; `delivery` is None when it cannot be read."""

    id: str
    reason: str
    delivery: Delivery | None


def dead_deliveries(client: redis.Redis) -> Iterator[DeadDelivery]:
    """All of them, oldest first."""
    start = "-"
    while True:
        page: Any = client.xrange(keyspace.WEBHOOKS_DEAD, min=start, count=PAGE)
        if not page:
            return
        for entry_id, fields in page:
            reason = text(fields.get(b"reason", b""))
            yield DeadDelivery(text(entry_id), reason, _read(fields.get(b"e", b"")))
        start = after(text(page[-1][0]))


def replay(client: redis.Redis, now: float) -> int:
    """Let those that can be read be sent again, from `now` on, or, where they keep quiet hours,
    when these are over. Returns how many.
    """
    readable = [(one.id, one.delivery) for one in dead_deliveries(client) if one.delivery]
    for entry_id, delivery in readable:
        fresh = msgspec.structs.replace(delivery, attempt=0)
        with client.pipeline(transaction=True) as pipeline:
            pipeline.zadd(keyspace.WEBHOOKS, {fresh.pack(): fresh.sent_from(now)})
            pipeline.xdel(keyspace.WEBHOOKS_DEAD, entry_id)
            pipeline.execute()
    return len(readable)


def _read(packed: bytes) -> Delivery | None:
    try:
        return unpack_delivery(packed)
    except msgspec.DecodeError:
        return None
