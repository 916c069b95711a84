"""POST /v1/events: each event once, a clear answer for each, and nothing lost on the way."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, RFC_4122, UUID, uuid4, uuid5

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from recommender.tombstone import digest
from service.auth.caller import Scope
from service.events.batch import RANDOM_ID
from service.events.config import EventsConfig
from tests.recommender.events.told import SUBJECTS, told
from tests.service.bank import person, publish_bank
from tests.service.events.sending import now_told, on_stream, post, statuses
from tests.service.served import Served, served, token


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey.url) as client:
        yield client


@pytest.fixture
def bank_url(valkey: EmbeddedValkey) -> str:
    publish_bank(valkey.url, [person("ann"), person("bob")])
    return valkey.url


def play(
    url: str, folder: Path, scene: Callable[[Served], Awaitable[None]], **options: Any
) -> None:
    """Run `scene` against a service whose events are configured by `options`."""

    async def scenario() -> None:
        async with served(url, folder, events=EventsConfig(**options)) as service:
            await scene(service)

    asyncio.run(scenario())


def test_every_kind_is_accepted_and_on_the_stream_before_the_answer(
    bank_url: str, tmp_path: Path, client: redis.Redis
) -> None:
    async def scene(service: Served) -> None:
        events = [now_told(kind, f"e{place}") for place, kind in enumerate(SUBJECTS)]
        assert await statuses(service, *events) == ["accepted"] * len(SUBJECTS)
        assert on_stream(client) == events

    play(bank_url, tmp_path, scene)


def test_one_event_an_array_and_a_batch_are_all_taken(bank_url: str, tmp_path: Path) -> None:
    async def scene(service: Served) -> None:
        events = [now_told("nps", f"e{place}") for place in range(3)]
        for place, body in enumerate((events[0], [events[1]], {"events": [events[2]]})):
            response = await post(service, body)
            said = response.json()
            assert (said["accepted"], said["duplicate"], said["rejected"]) == (1, 0, 0)
            assert said["results"] == [
                {"position": 0, "event_id": f"e{place}", "status": "accepted"}
            ]

    play(bank_url, tmp_path, scene)


def test_an_event_is_taken_once_however_often_it_comes(
    bank_url: str, tmp_path: Path, client: redis.Redis
) -> None:
    async def scene(service: Served) -> None:
        one, other = now_told("click", "e1"), now_told("click", "e2")
        assert await statuses(service, one, one) == ["accepted", "duplicate"]
        assert await statuses(service, other, one) == ["accepted", "duplicate"]
        assert len(on_stream(client)) == 2

    play(bank_url, tmp_path, scene)


def test_a_late_event_of_an_erased_account_is_answered_like_any_other_and_leaves_nothing(
    bank_url: str, tmp_path: Path, client: redis.Redis
) -> None:
    """Whoever sends it learns no more than of somebody nobody knows, sent twice or not."""

    async def scene(service: Served) -> None:
        client.sadd(keyspace.ERASED, digest("ann"))
        for twice in ("accepted", "duplicate"):
            anns = now_told("click", "ann-1", "ann")
            strangers = now_told("click", "nobody-1", "nobody")
            assert await statuses(service, anns, strangers) == [twice, twice]
        assert [event["account_id"] for event in on_stream(client)] == ["nobody"]
        assert service.app.ingestion.tally.erased == 1
        seen = next(client.scan_iter(match=keyspace.seen(0).replace("0", "*")))
        assert "ann" not in repr(client.smembers(seen))

    play(bank_url, tmp_path, scene)


def test_one_bad_event_never_spoils_the_good_ones(
    bank_url: str, tmp_path: Path, client: redis.Redis
) -> None:
    now = datetime.now(UTC)
    bad: list[tuple[Any, str]] = [
        (now_told("nps", "b1", value=99), "value: Input should be less than or equal to 10"),
        (now_told("click", "b2") | {"kind": "clck"}, "kind: unknown 'clck'; did you mean 'click'?"),
        ({"event_id": "b3"}, "kind: missing"),
        (now_told("click", "b4", prodct="x"), "prodct: Extra inputs are not permitted"),
        (now_told("click", "b5", product_id="mortage"), "product_id: unknown 'mortage'"),
        (told("click", now + timedelta(minutes=6), "b6"), "at: more than 300 s in the future"),
        (told("click", now - timedelta(hours=49), "b7"), "at: more than 48 hours ago"),
        (now_told("click", "b8", account_id="a/b"), "account_id: letters"),
        (now_told("impression", "b9", product_id=None), "say what was shown"),
        ("not even an object", "Input should be an object"),
        (now_told("search", "c1") | {"domain": "saving", "product_id": "\ud800"}, "Invalid JSON"),
        (now_told("transaction", "c2", description="x" * 9000), "description: String should have"),
    ]

    async def scene(service: Served) -> None:
        events = [now_told("nps", "g1"), *(event for event, _ in bad), now_told("nps", "g2")]
        said = (await post(service, {"events": events})).json()
        assert (said["accepted"], said["rejected"]) == (2, len(bad))
        for result, (event, reason) in zip(said["results"][1:-1], bad, strict=True):
            assert result["status"] == "rejected"
            assert reason in result["reason"], result
            known = isinstance(event, dict) and "Invalid JSON" not in reason
            assert result["event_id"] == (event["event_id"] if known else None)
        assert [event["event_id"] for event in on_stream(client)] == ["g1", "g2"]

    play(bank_url, tmp_path, scene)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b'{"events": [}', "no JSON"),
        (b'"text"', "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "send 1 to 1000 events, not 0"),
        (b'{"events": {}}', "no JSON"),
        (b'{"events": [{}], "evnts": 1}', "unknown field 'evnts'"),
        (b"[" + b",".join([b"{}"] * 1001) + b"]", "send 1 to 1000 events, not 1001"),
    ],
)
def test_what_is_no_batch_is_a_problem_and_nothing_is_taken(
    bank_url: str, tmp_path: Path, client: redis.Redis, body: bytes, said: str
) -> None:
    async def scene(service: Served) -> None:
        response = await post(service, body)
        assert response.status_code == 422, response.text
        assert said in response.json()["detail"]
        assert not on_stream(client)

    play(bank_url, tmp_path, scene)


def test_a_body_that_is_too_large_is_refused_stated_or_not(bank_url: str, tmp_path: Path) -> None:
    async def scene(service: Served) -> None:
        async def pieces() -> Any:
            for _ in range(160):
                yield b"x" * 65_536

        stated = await post(service, b"x" * 10_000_000)
        unstated = await service.client.post("/v1/events", content=pieces(), headers=service.key())
        for response in (stated, unstated):
            assert response.status_code == 413
            assert response.json()["detail"] == "the body is larger than 1000000 bytes"

    play(bank_url, tmp_path, scene)


def test_a_token_tells_only_of_its_own_account_and_only_what_a_browser_can_know(
    bank_url: str, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        events = [
            now_told("click", str(uuid4()), "ann"),
            now_told("click", str(uuid4()), "bob"),
            now_told("transaction", str(uuid4()), "ann"),
        ]
        said = (await post(service, events, token("ann"))).json()["results"]
        assert [result["status"] for result in said] == ["accepted", "rejected", "rejected"]
        assert said[1]["reason"] == "account_id: not the account of this token"
        assert said[2]["reason"] == "kind: only a back end may tell transaction"

    play(bank_url, tmp_path, scene)


BY_THE_CLOCK = "48f1f856-e994-11f1-a68b-02fc00000001"
"""A UUID of version 1: fixed, for each process that collects tests would make another."""


@pytest.mark.parametrize(
    "guessable",
    ["e1", "booking-2026-1", str(UUID(int=7)), BY_THE_CLOCK, str(uuid5(NAMESPACE_DNS, "bank"))],
)
def test_a_token_cannot_use_up_an_id_that_the_bank_will_send(
    bank_url: str, tmp_path: Path, guessable: str
) -> None:
    async def scene(service: Served) -> None:
        (said,) = (await post(service, now_told("click", guessable), token("ann"))).json()[
            "results"
        ]
        assert (said["status"], said["event_id"]) == ("rejected", guessable)
        assert said["reason"].startswith("event_id: a person's token needs a random UUID")
        assert await statuses(service, now_told("click", guessable, "bob")) == ["accepted"]

    play(bank_url, tmp_path, scene)


@given(st.uuids())
def test_an_id_is_random_when_it_is_a_uuid_of_version_4_or_7_however_written(one: UUID) -> None:
    random = one.variant == RFC_4122 and one.version in {4, 7}
    for written in (str(one), one.hex, str(one).upper()):
        assert bool(RANDOM_ID.fullmatch(written)) == random


@given(st.uuids(), st.sampled_from([4, 7]))
def test_every_random_uuid_is_taken_for_one(one: UUID, version: int) -> None:
    bits = one.int & ~(0xF << 76) & ~(0x3 << 62) | version << 76 | 0x2 << 62
    assert RANDOM_ID.fullmatch(str(UUID(int=bits)))


def test_without_the_scope_nothing_is_read(bank_url: str, tmp_path: Path) -> None:
    async def scene(service: Served) -> None:
        event = now_told("click", "e1")
        for scope in set(Scope) - {Scope.EVENTS}:
            assert (await post(service, event, service.key(scope))).status_code == 403
        assert (await post(service, event, {})).status_code == 401
        assert (await post(service, event, service.key(Scope.EVENTS))).status_code == 200

    play(bank_url, tmp_path, scene)


def test_a_batch_replayed_after_its_ids_are_forgotten_is_refused_not_counted_again(
    bank_url: str, tmp_path: Path, client: redis.Redis
) -> None:
    async def scene(service: Served) -> None:
        ingestion = service.app.ingestion
        event = now_told("click", "e1")
        assert await statuses(service, event) == ["accepted"]
        for hours, status in ((30, "duplicate"), (47.9, "duplicate"), (49, "rejected")):
            later = datetime.now(UTC).timestamp() + hours * 3600
            ingestion.clock = partial(float, later)
            assert await statuses(service, event) == [status]
        assert len(on_stream(client)) == 1

    play(bank_url, tmp_path, scene)


def test_too_large_a_backlog_turns_senders_away_while_reads_go_on(
    bank_url: str, tmp_path: Path, client: redis.Redis
) -> None:
    async def scene(service: Served) -> None:
        await statuses(service, *(now_told("nps", f"e{place}") for place in range(10)))
        response = await post(service, now_told("nps", "late"))
        assert response.status_code == 429
        assert int(response.headers["retry-after"]) > 0
        assert (await service.ask("ann"))["degraded"] is False
        client.xtrim("raak:events", maxlen=0)
        assert await statuses(service, now_told("nps", "late")) == ["accepted"]

    play(bank_url, tmp_path, scene, backlog=10)


def test_a_redis_that_stalls_is_a_503_and_the_batch_may_be_sent_again(
    own_valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(own_valkey.url, [person("ann")])

    async def scene(service: Served) -> None:
        event = now_told("click", "e1")
        assert await statuses(service, now_told("click", "e0")) == ["accepted"]
        os.kill(own_valkey.process.pid, signal.SIGSTOP)
        try:
            response = await post(service, event)
        finally:
            os.kill(own_valkey.process.pid, signal.SIGCONT)
        assert response.status_code == 503
        assert "retry-after" in response.headers
        await statuses(service, event)
        with redis.Redis.from_url(own_valkey.url) as client:
            assert [one["event_id"] for one in on_stream(client)] == ["e0", "e1"]

    play(own_valkey.url, tmp_path, scene, timeout_ms=200)


def test_forgotten_scripts_are_taught_again(
    bank_url: str, tmp_path: Path, client: redis.Redis
) -> None:
    async def scene(service: Served) -> None:
        assert await statuses(service, now_told("nps", "e1")) == ["accepted"]
        client.script_flush()
        assert await statuses(service, now_told("nps", "e2")) == ["accepted"]

    play(bank_url, tmp_path, scene)


def test_cancelled_requests_leave_no_reply_behind_for_the_next(
    bank_url: str, tmp_path: Path, client: redis.Redis
) -> None:
    async def scene(service: Served) -> None:
        for place in range(200):
            cancelled = asyncio.create_task(post(service, [now_told("nps", f"c{place}")] * 3))
            for _ in range(place % 20):
                await asyncio.sleep(0)
            cancelled.cancel()
            sent = now_told("nps", f"e{place}")
            assert await statuses(service, sent) == ["accepted"]
            await asyncio.wait([cancelled])
        ids = [event["event_id"] for event in on_stream(client)]
        assert len(set(ids)) == len(ids)
        assert {f"e{place}" for place in range(200)} <= set(ids)

    play(bank_url, tmp_path, scene)


def test_with_on_disk_set_a_redis_without_aof_is_not_believed(
    bank_url: str, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        assert (await post(service, now_told("nps", "e1"))).status_code == 503

    play(bank_url, tmp_path, scene, on_disk=True, timeout_ms=200)
