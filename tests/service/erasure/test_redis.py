"""Erasure from Redis: nothing names the account any more, and nothing brings it back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import redis
from msgspec.structs import fields

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from service.access.held import Part, held_in_redis
from service.erasure.erase import Erasure, ErasureLost
from service.erasure.receipt import Receipt, Removed, Store
from service.events.config import EventsConfig
from service.events.folding import Folding
from service.events.stream import GROUP, begin, entries
from tests.recommender.events.told import told
from tests.service.alerts.telling import short
from tests.service.bank import person, publish_bank
from tests.service.decision_log.serving import show
from tests.service.erasure.scanning import keys_naming

GONE = "erase-me"
COUNTED = ("recent_events", "answers", "events_waiting", "dead_letters", "decisions_waiting")


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    publish_bank(valkey.url, [short(GONE), person("bob")])
    with redis.Redis.from_url(valkey.url) as client:
        yield client


def erase(client: redis.Redis) -> Receipt:
    erasure = Erasure.begin(client, GONE)
    erasure.sweep()
    return erasure.finish()


def event() -> bytes:
    return json.dumps(told("page_view", datetime.now(UTC), account_id=GONE)).encode()


def fold_all(client: redis.Redis) -> None:
    begin(client)
    found: Any = client.xreadgroup(GROUP, "one", {keyspace.EVENTS: ">"})
    config = EventsConfig(create_accounts=True)
    worker = Folding(client, "one", config, webhooks=("https://bank.example/alerts",))
    worker.apply([e for _, some in found for e in entries(some)])


def assert_same_kinds(exported: dict[str, Part], removed: Removed) -> None:
    """What an erasure removes is what an export hands over: as many of each kind."""
    holds = {name: part.content for name, part in exported.items()}
    assert all(holds.values()), "each part is told of, or this test shows nothing"
    assert removed == Removed(
        state=1,
        alerts=1,  # one log of however many changes
        webhooks=len(holds["webhooks_waiting"]) + len(holds["webhooks_dead"]),
        **{name: len(holds[name]) for name in COUNTED},
    )
    assert {*COUNTED, "state", "alerts", "alerts_due", "webhooks_waiting", "webhooks_dead"} == {
        *holds
    }
    assert {field.name for field in fields(Removed)} == {
        *(*COUNTED, "state", "alerts", "webhooks", "other_keys", "event_log", "decision_log")
    }


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
    assert len(keys_naming(client, GONE)) >= 5
    bob = client.get(keyspace.state("bob"))
    exported = held_in_redis(client, GONE).parts
    receipt = erase(client)
    removed = receipt.removed
    assert keys_naming(client, GONE) == []
    assert removed.state == removed.recent_events == removed.dead_letters == 1
    assert removed.events_waiting == removed.decisions_waiting == 1
    assert removed.answers >= 1
    assert removed.alerts == 1
    assert removed.webhooks == 2
    assert removed.other_keys == 0
    assert_same_kinds(exported, removed)
    assert held_in_redis(client, GONE).empty
    assert client.get(keyspace.state("bob")) == bob
    assert receipt.complete
    again = erase(client)
    assert again.complete
    assert again.receipt_id != receipt.receipt_id
    assert again.removed == Removed()


def test_an_erasure_that_was_killed_goes_on_under_its_receipt(client: redis.Redis) -> None:
    client.set(keyspace.EVENTS_LOGGED, "0-0")
    killed = Erasure.begin(client, GONE)
    assert killed.receipt().waits_for == (Store.REDIS, Store.EVENT_LOG)
    receipt = erase(client)
    assert receipt.receipt_id == killed.receipt_id
    assert receipt.removed.state == 1
    assert receipt.waits_for == (Store.EVENT_LOG,)
    assert not receipt.complete
    assert keys_naming(client, GONE) == []


def test_a_redis_that_was_emptied_meanwhile_is_said(client: redis.Redis) -> None:
    erasure = Erasure.begin(client, GONE)
    client.flushdb()
    with pytest.raises(ErasureLost, match="erase the account again"):
        erasure.receipt()


def test_a_late_event_brings_nobody_back_and_does_not_stay_pending(client: redis.Redis) -> None:
    erase(client)
    client.xadd(keyspace.EVENTS, {"e": event()})
    fold_all(client)
    assert keys_naming(client, GONE) == []
    pending: Any = client.xpending(keyspace.EVENTS, GROUP)
    assert pending["pending"] == 0


def test_an_event_that_a_worker_holds_is_no_longer_pending(client: redis.Redis) -> None:
    begin(client)
    client.xadd(keyspace.EVENTS, {"e": event()})
    held: Any = client.xreadgroup(GROUP, "one", {keyspace.EVENTS: ">"})
    erase(client)
    Folding(client, "one", EventsConfig(create_accounts=True)).apply(entries(held[0][1]))
    assert keys_naming(client, GONE) == []
    pending: Any = client.xpending(keyspace.EVENTS, GROUP)
    assert pending["pending"] == 0


def test_a_publication_of_tables_that_still_have_it_brings_nobody_back(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    erase(client)
    publish_bank(valkey.url, [person(GONE), person("bob")])
    assert keys_naming(client, GONE) == []
    assert client.exists(keyspace.state("bob"))
