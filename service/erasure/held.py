"""Where Redis holds something about one account: for whoever removes it or hands it over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
import redis

from recommender import keyspace
from recommender.events.span import after
from service.events.stream import text

PAGE: Final = 1_000


class _About(msgspec.Struct):
    """All that we need of an event."""

    account_id: str


_decoder = msgspec.json.Decoder(_About)


def keys_of(client: redis.Redis, account_id: str) -> Iterator[tuple[str, str]]:
    """Each of the account's keys, and what it holds: `state`, `recent`, `decision`, `alerts`."""
    prefix = keyspace.state(account_id).removesuffix("state")
    for found in client.scan_iter(match=f"{prefix}*", count=PAGE):
        key = text(found)
        yield key, key.removeprefix(prefix).partition(":")[0]


def events_about(
    client: redis.Redis, stream: str, account_id: str
) -> Iterator[list[tuple[bytes, dict[bytes, bytes]]]]:
    """The entries of a stream of events that are about the account, a page at a time."""
    for page in pages(client, stream):
        theirs = [(entry_id, fields) for entry_id, fields in page if is_about(fields, account_id)]
        if theirs:
            yield theirs


def deliveries_about(client: redis.Redis, account_id: str) -> Iterator[tuple[str, list[bytes]]]:
    """Webhooks about the account that wait to be sent, packed, by the key that has them."""
    for key in _queues(client):
        waiting: Any = client.zscan_iter(key)
        theirs = (packed for packed, _ in waiting if is_about({b"e": packed}, account_id))
        if found := list(dict.fromkeys(theirs)):  # a scan may give one twice
            yield key, found


def _queues(client: redis.Redis) -> Iterator[str]:
    yield keyspace.WEBHOOKS
    # asked for only now: what was due meanwhile went from there to one of these
    addresses: Any = client.smembers(keyspace.WEBHOOKS_ADDRESSES)
    yield from (keyspace.webhooks_due(text(address)) for address in addresses)


def pages(client: redis.Redis, stream: str) -> Iterator[list[tuple[bytes, dict[bytes, bytes]]]]:
    """All of a stream, page by page, oldest first."""
    start = "-"
    while True:
        page: Any = client.xrange(stream, start, count=PAGE)
        if not page:
            return
        start = after(text(page[-1][0]))
        yield page


def is_about(fields: dict[bytes, bytes], account_id: str) -> bool:
    event = fields.get(b"e", b"")
    try:
        return _decoder.decode(event).account_id == account_id
    except (msgspec.DecodeError, UnicodeDecodeError):  # no event at all: it may name anybody
        return account_id.encode() in event
