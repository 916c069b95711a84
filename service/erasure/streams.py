"""Removing an account from Redis: its keys, and what waits about it on the streams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
import redis

from recommender import keyspace
from recommender.events.span import after
from service.events.stream import GROUP, text

PAGE: Final = 1_000


class _About(msgspec.Struct):
    """All that we need of an event."""

    account_id: str


_decoder = msgspec.json.Decoder(_About)


def remove_keys(client: redis.Redis, account_id: str) -> dict[str, int]:
    """How many were removed, by what they held: `state`, `recent`, `decision`, `alerts`."""
    prefix = keyspace.state(account_id).removesuffix("state")
    removed: dict[str, int] = {"state": 0, "recent": 0, "decision": 0, "alerts": 0}
    for found in client.scan_iter(match=f"{prefix}*", count=PAGE):
        kind = text(found).removeprefix(prefix).partition(":")[0]
        removed[kind] = removed.get(kind, 0) + int(str(client.unlink(found)))
    return removed


def remove_events(client: redis.Redis, account_id: str) -> int:
    """Those that wait to be folded or logged, acknowledged or not. Returns how many."""
    return _remove(client, keyspace.EVENTS, account_id, group=GROUP)


def remove_dead_letters(client: redis.Redis, account_id: str) -> int:
    return _remove(client, keyspace.EVENTS_DEAD, account_id)


def remove_alert_hints(client: redis.Redis, account_id: str) -> None:
    """Where workers and viewers are told to look at its alerts."""
    client.zrem(keyspace.ALERTS_DUE, account_id)
    for page in _read(client, keyspace.ALERTS_BELL):
        ids = [entry_id for entry_id, fields in page if fields.get(b"a") == account_id.encode()]
        if ids:
            client.xdel(keyspace.ALERTS_BELL, *ids)


def remove_webhooks(client: redis.Redis, account_id: str) -> int:
    """Deliveries that wait, and those that were given up. Returns how many."""
    waiting = [
        packed
        for packed, _ in client.zscan_iter(keyspace.WEBHOOKS, count=PAGE)
        if _is_about({b"e": packed}, account_id)
    ]
    removed = int(str(client.zrem(keyspace.WEBHOOKS, *waiting))) if waiting else 0
    return removed + _remove(client, keyspace.WEBHOOKS_DEAD, account_id)


def _remove(client: redis.Redis, stream: str, account_id: str, group: str | None = None) -> int:
    removed = 0
    for ids in _pages(client, stream, account_id):
        with client.pipeline(transaction=True) as pipeline:
            if group is not None:  # or what is deleted would be pending for ever
                pipeline.xack(stream, group, *ids)
            pipeline.xdel(stream, *ids)
            removed += pipeline.execute()[-1]
    return removed


def _pages(client: redis.Redis, stream: str, account_id: str) -> Iterator[list[bytes]]:
    for page in _read(client, stream):
        ids = [entry_id for entry_id, fields in page if _is_about(fields, account_id)]
        if ids:
            yield ids


def _read(client: redis.Redis, stream: str) -> Iterator[list[tuple[bytes, dict[bytes, bytes]]]]:
    """All of a stream, page by page, oldest first."""
    start = "-"
    while True:
        page: Any = client.xrange(stream, start, count=PAGE)
        if not page:
            return
        start = after(text(page[-1][0]))
        yield page


def _is_about(fields: dict[bytes, bytes], account_id: str) -> bool:
    event = fields.get(b"e", b"")
    try:
        return _decoder.decode(event).account_id == account_id
    except (msgspec.DecodeError, UnicodeDecodeError):  # no event at all: it may name anybody
        return account_id.encode() in event
