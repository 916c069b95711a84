"""Dead letters: events that could not be folded, until somebody looks after them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import redis

from recommender import keyspace
from recommender.events.span import after
from service.events.scripts import script
from service.events.stream import text

PAGE = 500


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """`id` is its own among the dead letters; `event` is as it came, readable or not."""

    id: str
    reason: str
    event: str


def dead_letters(client: redis.Redis) -> Iterator[DeadLetter]:
    """All of them, oldest first."""
    start = "-"
    while found := _page(client, start):
        for entry_id, fields in found:
            event = fields.get(b"e", b"").decode("utf-8", "replace")
            yield DeadLetter(text(entry_id), text(fields.get(b"reason", b"")), event)
        start = after(text(found[-1][0]))


def replay(client: redis.Redis) -> int:
    """Put those that are there now back onto the stream, each once. Returns how many."""
    once = client.register_script(script("replay"))
    ids = [letter.id for letter in dead_letters(client)]
    keys = [keyspace.EVENTS, keyspace.EVENTS_DEAD]
    return sum(int(str(once(keys, [entry_id]))) for entry_id in ids)


def _page(client: redis.Redis, start: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
    found: Any = client.xrange(keyspace.EVENTS_DEAD, min=start, count=PAGE)
    page: list[tuple[bytes, dict[bytes, bytes]]] = found
    return page
