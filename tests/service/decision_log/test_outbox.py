"""What is shown is put on the stream: once, with a round trip there is anyway, in nobody's way."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from recommender.account import pack
from service.decision_log.config import DecisionLogConfig
from service.decision_log.outbox import CAPACITY, MOST, Outbox
from service.decision_log.served import Served, unpack_served
from tests.service.bank import bundle, person, publish_bank
from tests.service.conftest import until
from tests.service.served import Served as Service
from tests.service.served import served


def on_stream(url: str) -> list[Served]:
    with redis.Redis.from_url(url) as client:
        entries: Any = client.xrange(keyspace.DECISIONS)
    return [one for _, fields in entries for one in unpack_served(fields[b"d"])]


def decision_ids(url: str) -> list[str]:
    return [json.loads(one.body)["decision_id"] for one in on_stream(url)]


async def streamed(service: Service, count: int) -> None:
    await until(lambda: service.decisions.reader.outbox.streamed == count)


def test_a_decision_is_streamed_when_it_is_first_shown_and_not_again(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> list[str]:
        async with served(valkey.url, tmp_path) as service:
            shown = []
            for query in ("", "", "?limit=1", "?limit=1"):  # published, computed
                shown.append((await service.ask("ann", query))["decision_id"])
                await service.decisions.reader.flush()
            tally = service.decisions.tally
            assert (tally.cached, tally.computed) == (3, 1)
            return shown

    first, again, computed, kept = asyncio.run(scenario())
    assert (first, computed) == (again, kept)
    assert decision_ids(valkey.url) == [first, computed]


def test_the_stream_has_the_very_bytes_that_were_read_and_sent(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> bytes:
        async with served(valkey.url, tmp_path) as service:
            path = "/v1/accounts/ann/recommendations?channel=app&language=nl&limit=2"
            response = await service.get(path, service.key())
            return response.content

    body = asyncio.run(scenario())
    (one,) = on_stream(valkey.url)
    assert (one.body, one.state, one.explain) == (body, pack(person("ann")), False)
    version, _ = bundle()
    assert keyspace.asked(one.key) == ("ann", version, "home", "app", "nl", 2)


def test_what_an_adviser_is_shown_is_streamed_and_alerts_alone_are_not(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> list[str]:
        async with served(valkey.url, tmp_path) as service:
            explained = await service.ask("ann", "?explain=true")
            picture = (await service.get("/v1/accounts/ann", service.key())).json()
            await service.get("/v1/accounts/ann/alerts", service.key())
            return [explained["decision_id"], picture["decision_id"]]

    shown = asyncio.run(scenario())
    assert decision_ids(valkey.url) == shown
    assert all(one.explain for one in on_stream(valkey.url))


def test_nobody_known_and_nothing_known_are_not_streamed(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            await service.ask("stranger")
            with redis.Redis.from_url(valkey.url) as client:
                client.set(keyspace.state("ann"), b"no account")
            assert (await service.ask("ann"))["degraded"]

    asyncio.run(scenario())
    assert on_stream(valkey.url) == []


def test_nothing_is_streamed_where_no_log_is_wanted_and_it_is_later_where_one_is(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def ask(*, log: bool) -> str:
        config = DecisionLogConfig(log=log)
        async with served(valkey.url, tmp_path, decisions=config) as service:
            shown: str = (await service.ask("ann", "?limit=1"))["decision_id"]
            return shown

    first = asyncio.run(ask(log=False))
    assert on_stream(valkey.url) == []
    assert asyncio.run(ask(log=True)) == first
    assert decision_ids(valkey.url) == [first]


def test_a_stream_without_room_loses_decisions_by_count_and_answers_all_the_same(
    valkey: EmbeddedValkey, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> int:
        config = DecisionLogConfig(backlog_bytes=100_000)
        async with served(valkey.url, tmp_path, decisions=config) as service:
            for number in range(150):
                said = await service.ask("ann", f"?explain={number % 2}&channel=phone&limit=1")
                assert said["recommendations"]
                await service.decisions.reader.flush()
            outbox = service.decisions.reader.outbox
            assert outbox.full > 0
            return outbox.streamed

    assert asyncio.run(scenario()) == len(on_stream(valkey.url))
    with redis.Redis.from_url(valkey.url) as client:
        entries: Any = client.xrange(keyspace.DECISIONS)
        there = sum(len(fields[b"d"]) for _, fields in entries)
        counted: Any = client.get(keyspace.DECISIONS_BYTES)
        assert int(counted) == there <= 100_000
    assert [one.message for one in caplog.records if "RAAK_DECISIONS_LOG=0" in one.message] != []


def test_what_a_broken_connection_may_have_swallowed_is_sent_again() -> None:
    outbox = Outbox(DecisionLogConfig())
    outbox.add(("k1", False, b"", b""))
    lost = outbox.take()
    outbox.add(("k2", False, b"", b""))
    assert unpack_served(lost)[0].key == "k1"
    assert [one.key for one in unpack_served(outbox.take())] == ["k1", "k2"]
    outbox.settle(streamed=True)
    assert (outbox.streamed, len(outbox), outbox.take()) == (2, 0, b"")


def test_what_waits_is_bounded_and_leaves_in_its_order() -> None:
    outbox = Outbox(DecisionLogConfig())
    for number in range(CAPACITY + 5):
        outbox.add((str(number), False, b"", b""))
    assert outbox.dropped == 5
    left: list[str] = []
    while taken := outbox.take():
        left += [one.key for one in unpack_served(taken)]
        outbox.settle(streamed=True)
        assert len(left) % MOST == 0
    assert left == [str(number) for number in range(CAPACITY)]
