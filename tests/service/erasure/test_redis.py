"""Erasure from Redis: nothing names the account any more, and nothing brings it back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from service.erasure.erase import erase_from_redis
from service.events.config import EventsConfig
from service.events.folding import Folding
from service.events.stream import GROUP, begin, entries
from tests.recommender.events.told import told
from tests.service.alerts.telling import short
from tests.service.bank import person, publish_bank
from tests.service.decision_log.serving import show

GONE = "erase-me"


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    publish_bank(valkey.url, [short(GONE), person("bob")])
    with redis.Redis.from_url(valkey.url) as client:
        yield client


def event() -> bytes:
    return json.dumps(told("page_view", datetime.now(UTC), account_id=GONE)).encode()


def naming(client: redis.Redis, account_id: str) -> list[str]:
    """The keys that name the account, in their name or in their bytes (lists, sets, hashes too)."""
    name = account_id.encode()
    return [
        key.decode() for key in client.scan_iter() if name in key or name in _content(client, key)
    ]


def _content(client: redis.Redis, key: bytes) -> bytes:
    kind: Any = client.type(key)
    reads: dict[bytes, Callable[[], Any]] = {
        b"string": lambda: client.get(key),
        b"list": lambda: client.lrange(key, 0, -1),
        b"set": lambda: client.smembers(key),
        b"zset": lambda: client.zrange(key, 0, -1),
        b"hash": lambda: client.hgetall(key),
        b"stream": lambda: client.xrange(key),
    }
    return repr(reads[kind]()).encode()


def fold_all(client: redis.Redis) -> None:
    begin(client)
    found: Any = client.xreadgroup(GROUP, "one", {keyspace.EVENTS: ">"})
    config = EventsConfig(create_accounts=True)
    worker = Folding(client, "one", config, webhooks=("https://bank.example/alerts",))
    worker.apply([e for _, some in found for e in entries(some)])


def test_no_key_names_the_account_afterwards(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    show(valkey.url, tmp_path, [GONE, "bob"])
    client.xadd(keyspace.EVENTS, {"e": event()})
    fold_all(client)
    assert client.exists(keyspace.alert_log(GONE))
    ((delivery, _),) = client.zscan_iter(keyspace.WEBHOOKS)
    client.xadd(keyspace.WEBHOOKS_DEAD, {"e": delivery, "reason": "nobody there"})
    client.xadd(keyspace.EVENTS_DEAD, {"e": event(), "reason": "it was poisoned"})
    assert len(naming(client, GONE)) >= 5
    bob = client.get(keyspace.state("bob"))
    removed = erase_from_redis(client, GONE)
    assert naming(client, GONE) == []
    assert removed["state"] == removed["recent events"] == removed["dead letters"] == 1
    assert removed["alerts"] == 1
    assert removed["webhooks"] == 2
    assert removed["events waiting"] == removed["decisions waiting"] == 1
    assert removed["answers"] >= 1
    assert removed["other keys"] == 0
    assert client.get(keyspace.state("bob")) == bob
    assert set(erase_from_redis(client, GONE).values()) == {0}


def test_a_late_event_brings_nobody_back_and_does_not_stay_pending(client: redis.Redis) -> None:
    erase_from_redis(client, GONE)
    client.xadd(keyspace.EVENTS, {"e": event()})
    fold_all(client)
    assert naming(client, GONE) == []
    pending: Any = client.xpending(keyspace.EVENTS, GROUP)
    assert pending["pending"] == 0


def test_an_event_that_a_worker_holds_is_no_longer_pending(client: redis.Redis) -> None:
    begin(client)
    client.xadd(keyspace.EVENTS, {"e": event()})
    held: Any = client.xreadgroup(GROUP, "one", {keyspace.EVENTS: ">"})
    erase_from_redis(client, GONE)
    Folding(client, "one", EventsConfig(create_accounts=True)).apply(entries(held[0][1]))
    assert naming(client, GONE) == []
    pending: Any = client.xpending(keyspace.EVENTS, GROUP)
    assert pending["pending"] == 0


def test_a_publication_of_tables_that_still_have_it_brings_nobody_back(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    erase_from_redis(client, GONE)
    publish_bank(valkey.url, [person(GONE), person("bob")])
    assert naming(client, GONE) == []
    assert client.exists(keyspace.state("bob"))
