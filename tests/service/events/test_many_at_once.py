"""What is done for many in one step is done for each: Lua cannot pass them all at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from recommender.account import pack, unpack
from recommender.tombstone import digest
from service.events.config import EventsConfig
from service.events.folding import Folding
from service.events.stream import GROUP, begin, entries
from tests.recommender.events.told import told
from tests.service.alerts.telling import fold, folding, happens, log, short, the_alert
from tests.service.bank import person, publish_bank
from tests.service.events.sending import now_told, on_stream, statuses
from tests.service.served import served

MOST = 9_000
"""More words than Lua's stack has room for."""
MANY = MOST // 2
"""Accounts, each of which is two words of one command."""


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey.url) as client:
        begin(client)
        yield client


def test_each_event_of_a_large_batch_is_taken_once(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    """Some were taken in the window before, some are of somebody erased, some are in it twice."""
    publish_bank(valkey.url, [person("ann")])
    client.sadd(keyspace.ERASED, digest("gone"))
    config = EventsConfig(most=10_000, most_bytes=10_000_000)
    lasts_s = config.window_s + config.ahead_s
    begins = (time.time() // lasts_s + 1) * lasts_s
    at = datetime.fromtimestamp(begins, UTC)
    of_gone = (17, 2_000, 5_999, MOST - 1)
    batch = [
        told("click", at, f"e{place}", account_id="gone" if place in of_gone else "ann")
        for place in range(MOST)
    ]
    before = (0, 1_999, 2_001, 8_000)

    async def scenario() -> list[str]:
        async with served(valkey.url, tmp_path, events=config) as service:
            service.app.ingestion.clock = lambda: begins - 1
            await statuses(service, *[batch[place] for place in before])
            service.app.ingestion.clock = lambda: begins + 1
            return await statuses(service, *batch, batch[5], batch[MOST - 2])

    said = asyncio.run(scenario())
    again = {*before, MOST, MOST + 1}
    assert [place for place, status in enumerate(said) if status == "duplicate"] == sorted(again)
    expected = [*before, *(place for place in range(MOST) if place not in (*before, *of_gone))]
    assert [event["event_id"] for event in on_stream(client)] == [f"e{place}" for place in expected]


def test_each_account_of_a_large_batch_gets_its_own_state(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    publish_bank(valkey.url, [person("ann")])
    names = [f"new-{number}" for number in range(MANY)]
    with client.pipeline(transaction=False) as pipeline:
        for number, name in enumerate(names):
            event = now_told("nps", f"e{number}", name, value=number % 11)
            pipeline.xadd(keyspace.EVENTS, {"e": msgspec.json.encode(event)})
        pipeline.execute()
    worker = Folding(client, "one", EventsConfig(create_accounts=True))
    found: Any = client.xreadgroup(GROUP, "one", {keyspace.EVENTS: ">"})
    worker.apply(entries(found[0][1]))
    states: Any = client.mget([keyspace.state(name) for name in names])
    made = [unpack(state) for state in states]
    assert [account.account_id for account in made] == names
    assert [account.opinion and account.opinion.score for account in made] == [
        round(100 * (number % 11) / 10) for number in range(MANY)
    ]
    pending: Any = client.xpending(keyspace.EVENTS, GROUP)
    assert pending["pending"] == 0


def test_each_account_of_a_batch_keeps_its_own_log_of_alerts_though_one_must_be_done_again(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    names = ("ann", "bob", "cas", "dot")
    publish_bank(valkey.url, [person(name) if name == "bob" else short(name) for name in names])
    for name in names:
        happens(client, "page_view", name)
    worker = folding(client)
    steps = worker._steps

    def meanwhile(waiting: Any) -> Any:
        made = steps(waiting)
        if not worker.tally.conflicts:
            state: Any = client.get(keyspace.state("ann"))
            changed = msgspec.structs.replace(unpack(state), language="nl")
            client.set(keyspace.state("ann"), pack(changed))
        return made

    worker._steps = meanwhile  # type: ignore[method-assign]
    fold(client, worker)
    assert worker.tally.conflicts == 1
    assert log(client, "bob") == []
    for name in ("ann", "cas", "dot"):
        (change,) = log(client, name)
        assert change.alert_id == the_alert(client, name)
        kept: Any = client.lrange(keyspace.recent(name), 0, -1)
        assert [msgspec.json.decode(event)["account_id"] for event in kept] == [name]
