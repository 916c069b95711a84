"""Erasures under way and done: what is left to do, by store, and what was removed.

Neither names the account. What is left to do is told by tombstone, so that the owners of the logs
find their part whenever they come to look, and Redis keeps no id while they do not.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

import msgspec
import redis

from recommender import keyspace
from recommender.tombstone import digest

KEPT_S: Final = 90 * 86_400
"""So long after it last changed a receipt can be read."""

_AT: Final = "at"


class Store(StrEnum):
    """Where an account is removed from, each by its one owner."""

    REDIS = "redis"
    EVENT_LOG = "event_log"
    DECISION_LOG = "decision_log"


_LOGS: Final = {
    Store.EVENT_LOG: keyspace.EVENTS_LOGGED,
    Store.DECISION_LOG: keyspace.DECISIONS_LOGGED,
}
"""The key that is there once such a log was begun."""


class Removed(msgspec.Struct, frozen=True):
    """How many, by store. None: no such log is kept, or its part is still to be done."""

    state: int = 0
    recent_events: int = 0
    answers: int = 0
    alerts: int = 0
    webhooks: int = 0
    other_keys: int = 0
    events_waiting: int = 0
    dead_letters: int = 0
    decisions_waiting: int = 0
    event_log: int | None = None
    """Rows."""
    decision_log: int | None = None
    """1: its pseudonym and key are gone, however many decisions there were."""


class Receipt(msgspec.Struct, frozen=True):
    """What an erasure did. `at`: when it began, from which on nothing new is taken."""

    receipt_id: str
    at: datetime
    complete: bool
    waits_for: tuple[Store, ...]
    removed: Removed
    tombstone: bool
    """Whether the account is kept from coming back: from the beginning on."""


class Order(NamedTuple):
    """What the owner of a store is to do, and which receipt it counts for."""

    receipt_id: str
    tombstone: bytes


def begin(client: redis.Redis, account_id: str, logs: Iterable[Store] = ()) -> str:
    """From here on nothing that is written brings the account back. Returns the receipt's id.

    An erasure that was begun and is not complete goes on under its own. Its logs are those that
    were ever begun from this Redis, and `logs`.
    """
    tombstone = digest(account_id)
    stores = {Store.REDIS}
    receipt_id = _under_way(client, tombstone)
    if receipt_id is None:
        receipt_id = secrets.token_hex(16)
        stores |= {*logs, *(log for log, key in _LOGS.items() if client.exists(key))}
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    waiting = [word for store in stores for word in (_field(store, receipt_id), tombstone.hex())]
    with client.pipeline(transaction=True) as pipeline:
        pipeline.sadd(keyspace.ERASED, tombstone)
        pipeline.hsetnx(keyspace.erasure(receipt_id), _AT, at)
        pipeline.expire(keyspace.erasure(receipt_id), KEPT_S)
        pipeline.hset(keyspace.ERASING, items=waiting)
        pipeline.execute()
    return receipt_id


def orders(client: redis.Redis, store: Store) -> list[Order]:
    """What its owner has to do."""
    prefix = f"{store}:"
    return [
        Order(field.removeprefix(prefix), tombstone)
        for field, tombstone in _waiting(client).items()
        if field.startswith(prefix)
    ]


def count(client: redis.Redis, receipt_id: str, removed: Mapping[str, int]) -> None:
    """So many more were removed, by the fields of `Removed`."""
    with client.pipeline(transaction=True) as pipeline:
        _count(pipeline, receipt_id, removed)
        pipeline.execute()


def done(client: redis.Redis, store: Store, receipt_id: str, removed: Mapping[str, int]) -> None:
    """So many more were removed, and no more are there."""
    with client.pipeline(transaction=True) as pipeline:
        _count(pipeline, receipt_id, removed)
        pipeline.hdel(keyspace.ERASING, _field(store, receipt_id))
        pipeline.execute()


def read_receipt(client: redis.Redis, receipt_id: str) -> Receipt | None:
    """As it stands; None when there is none, or none any more."""
    with client.pipeline(transaction=True) as pipeline:
        pipeline.hgetall(keyspace.erasure(receipt_id))
        pipeline.hmget(keyspace.ERASING, [_field(store, receipt_id) for store in Store])
        found, waiting = pipeline.execute()
    if not found:
        return None
    said = {name.decode(): value.decode() for name, value in found.items()}
    at = said.pop(_AT, datetime.fromtimestamp(0, UTC).isoformat())
    waits_for = tuple(store for store, one in zip(Store, waiting, strict=True) if one is not None)
    return Receipt(
        receipt_id,
        datetime.fromisoformat(at),
        not waits_for,
        waits_for,
        Removed(**{name: int(value) for name, value in said.items()}),
        tombstone=True,
    )


def _under_way(client: redis.Redis, tombstone: bytes) -> str | None:
    """The receipt of an erasure of this account that is not complete."""
    fields = (field for field, found in _waiting(client).items() if found == tombstone)
    return next((field.partition(":")[2] for field in fields), None)


def _waiting(client: redis.Redis) -> dict[str, bytes]:
    found: Any = client.hgetall(keyspace.ERASING)
    return {field.decode(): bytes.fromhex(value.decode()) for field, value in found.items()}


def _count(pipeline: Any, receipt_id: str, removed: Mapping[str, int]) -> None:
    for name, number in removed.items():
        pipeline.hincrby(keyspace.erasure(receipt_id), name, number)
    pipeline.expire(keyspace.erasure(receipt_id), KEPT_S)


def _field(store: Store, receipt_id: str) -> str:
    return f"{store}:{receipt_id}"
