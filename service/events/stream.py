"""The stream of events as its readers see it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import redis
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError
from redis.retry import Retry

from recommender import keyspace
from recommender.events.span import BEGINNING

GROUP = "fold"
"""The consumer group of the folding workers."""

CONNECT_S = 2.0
ANSWER_S = 10.0
RETRY_S = 0.25
"""How long a worker waits before it tries a Redis that failed again."""


class Entry(NamedTuple):
    """One event on the stream: its id there, and its own JSON.

    `logged`: it was on the stream before, so the event log has it already. `folded`: its effect
    was put in place together with it.
    """

    id: str
    text: bytes
    logged: bool = False
    folded: bool = False

    @property
    def arrived_ms(self) -> int:
        """When Redis took it, in milliseconds since 1970."""
        return int(self.id.partition("-")[0])


def connect(url: str) -> redis.Redis:
    """A client whose every call ends in time and that never sends anything twice.

    Whoever blocks on the stream does so for less than `ANSWER_S`.
    """
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_S,
        socket_timeout=ANSWER_S,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )


def entries(found: Iterable[tuple[bytes, dict[bytes, bytes] | None]]) -> list[Entry]:
    """An entry that was deleted while it was pending has no fields; it is nothing any more."""
    return [
        Entry(
            entry_id.decode(),
            fields.get(b"e", b""),
            logged=fields.get(b"logged") == b"1",
            folded=fields.get(b"folded") == b"1",
        )
        for entry_id, fields in found
        if fields is not None
    ]


def begin(client: redis.Redis) -> None:
    """Make the stream and the group, from the stream's beginning, unless they are there."""
    try:
        client.xgroup_create(keyspace.EVENTS, GROUP, id=BEGINNING, mkstream=True)
    except ResponseError as error:
        if not str(error).startswith("BUSYGROUP"):
            raise


def text(found: Any) -> str:
    return found.decode() if isinstance(found, bytes) else str(found)
