"""How long the oldest event that is in no state yet has waited."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from service.events.stream import GROUP, begin
from service.events.waiting import waits_s


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey.url) as client:
        yield client


def arrived(client: redis.Redis, seconds_ago: int) -> str:
    now: Any = client.time()
    entry_id = f"{(now[0] - seconds_ago) * 1000}-0"
    client.xadd(keyspace.EVENTS, {"e": "{}"}, id=entry_id)
    return entry_id


def test_nothing_waits_where_nothing_came(client: redis.Redis) -> None:
    assert waits_s(client) == 0
    begin(client)
    assert waits_s(client) == 0


def test_the_oldest_that_is_not_folded_counts_whoever_has_it(client: redis.Redis) -> None:
    first, second = arrived(client, 90), arrived(client, 60)
    assert 90 <= waits_s(client) < 95  # no worker ever came
    begin(client)
    assert 90 <= waits_s(client) < 95  # none was given it
    client.xreadgroup(GROUP, "one", {keyspace.EVENTS: ">"}, count=1)
    assert 90 <= waits_s(client) < 95  # one has it in hand
    client.xack(keyspace.EVENTS, GROUP, first)
    assert 60 <= waits_s(client) < 65
    client.xreadgroup(GROUP, "one", {keyspace.EVENTS: ">"})
    client.xack(keyspace.EVENTS, GROUP, second)
    assert waits_s(client) == 0  # also while the stream keeps them for the log
