"""Redis away, asleep, emptied or lying: an answer within 100 ms, and back without a restart."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

from cli.embedded import EmbeddedValkey, free_port, start
from recommender import keyspace
from recommender.account import Consent
from service.auth.caller import Scope
from tests.service.bank import bundle, person, publish_bank
from tests.service.conftest import until
from tests.service.served import Served, served

FALLBACK_MS = 100


@contextmanager
def paused(server: EmbeddedValkey) -> Iterator[None]:
    """The process is there and its port is open, but nobody is at home."""
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


async def degraded(service: Served, requests: int) -> float:
    """Ask so often; every answer must be a fallback. The longest took so many milliseconds."""
    longest = 0.0
    for _ in range(requests):
        started = time.perf_counter()
        said = await service.ask("ann")
        longest = max(longest, time.perf_counter() - started)
        check_fallback(said)
    return longest * 1000


def check_fallback(said: dict[str, Any]) -> None:
    assert said["degraded"] is True
    assert said["recommendations"], "a slot is empty"
    kinds = {shown["kind"] for shown in said["recommendations"]}
    assert not kinds & {"offer", "partner_offer"}, "an offer without knowing the person"


async def recovers(service: Served) -> None:
    await until(lambda: service.decisions.reader.up)
    assert (await service.ask("ann"))["degraded"] is False


def test_a_paused_redis_costs_at_most_one_timeout_and_then_nothing(
    own_valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(own_valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(own_valkey.url, tmp_path, timeout_ms=50) as service:
            assert (await service.ask("ann"))["degraded"] is False
            with paused(own_valkey):
                assert await degraded(service, 20) < FALLBACK_MS
                waiting = (service.ask("ann") for _ in range(50))
                for said in await asyncio.gather(*waiting):
                    check_fallback(said)
            await recovers(service)

    asyncio.run(scenario())


def test_a_redis_that_ends_and_starts_again_is_found_again(
    own_valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(own_valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(own_valkey.url, tmp_path, timeout_ms=50) as service:
            own_valkey.stop()
            assert await degraded(service, 20) < FALLBACK_MS
            again = await asyncio.to_thread(start, own_valkey.port, tmp_path)
            try:
                await until(lambda: service.decisions.reader.up)
                assert await degraded(service, 3) < FALLBACK_MS  # it is empty as yet
                publish_bank(again.url, [person("ann")])
                await recovers(service)
            finally:
                again.stop()

    asyncio.run(scenario())


def test_an_emptied_redis_is_a_fallback_until_it_is_published_again(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            assert (await service.ask("ann"))["degraded"] is False
            with redis.Redis.from_url(valkey.url) as client:
                client.flushall()
            assert await degraded(service, 5) < FALLBACK_MS
            ready = (await service.get("/health/ready")).json()
            assert ready == {"status": "ready", "redis": "empty", "in_force": None}
            again = publish_bank(valkey.url, [person("ann")])
            await recovers(service)
            ready = (await service.get("/health/ready")).json()
            assert ready == {"status": "ready", "redis": "up", "in_force": again.version}

    asyncio.run(scenario())


def test_a_restart_while_redis_is_away_serves_from_the_copy(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    published = publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            await until((tmp_path / "copy" / "bundle").exists)
            assert service.decisions.follower.live is not None
        nowhere = f"redis://127.0.0.1:{free_port()}/0"
        async with served(nowhere, tmp_path, timeout_ms=50) as service:
            assert service.decisions.in_force().version == published.version
            assert await degraded(service, 5) < FALLBACK_MS
            ready = await service.get("/health/ready")
            assert ready.json()["redis"] == "down"

    asyncio.run(scenario())


def test_a_damaged_copy_is_not_served(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    publish_bank(valkey.url, [person("ann")])
    copy = tmp_path / "copy" / "bundle"

    async def scenario() -> None:
        async with served(valkey.url, tmp_path):
            await until(copy.exists)
        copy.write_bytes(copy.read_bytes()[:-1])
        nowhere = f"redis://127.0.0.1:{free_port()}/0"
        async with served(nowhere, tmp_path) as service:
            assert service.decisions.follower.live is None
            assert service.decisions.follower.failures == 1
            assert (await service.get("/health/ready")).status_code == 503

    asyncio.run(scenario())


@pytest.mark.parametrize("damage", ["tampered", "truncated", "missing", "nonsense"])
def test_a_bundle_that_cannot_be_trusted_leaves_the_old_one_in_force(
    valkey: EmbeddedValkey, tmp_path: Path, damage: str
) -> None:
    old = publish_bank(valkey.url, [person("ann")], seed=1)
    version, content = bundle(2)
    broken = {
        "tampered": content[:-1] + bytes([content[-1] ^ 1]),
        "truncated": content[: len(content) // 2],
        "nonsense": b"nonsense",
    }

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            with redis.Redis.from_url(valkey.url) as client:
                if damage in broken:
                    client.set(keyspace.bundle(version), broken[damage])
                client.set(keyspace.LIVE, version)
            follower = service.decisions.follower
            await until(lambda: follower.failures > 0)
            said = await service.ask("ann")
            assert said["versions"]["model"] == "test-1"
            assert said["degraded"] is False
            assert service.decisions.in_force().version == old.version

    asyncio.run(scenario())


def test_state_of_another_schema_is_a_fallback_and_not_a_fault(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            with redis.Redis.from_url(valkey.url) as client:
                client.set(keyspace.state("ann"), b"not an account")
            check_fallback(await service.ask("ann"))
            assert service.decisions.tally.unreadable == 1

    asyncio.run(scenario())


def test_the_other_calls_degrade_too(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    publish_bank(valkey.url, [person("ann", consent=Consent())])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            with redis.Redis.from_url(valkey.url) as client:
                client.flushall()
            picture = await service.get("/v1/accounts/ann", service.key(Scope.ACCOUNTS))
            assert picture.status_code == 200
            assert picture.json()["degraded"] is True
            assert picture.json()["profile"] is None
            alerts = await service.get("/v1/accounts/ann/alerts", service.key(Scope.ALERTS))
            assert alerts.json()["degraded"] is True

    asyncio.run(scenario())
