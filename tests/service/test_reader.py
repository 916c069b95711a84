"""The reader against a real server: one round trip, no leaks, quick to fail and quick to return."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time

import pytest
import redis

from cli.embedded import EmbeddedValkey, free_port
from recommender import keyspace
from service.errors import StoreUnavailable
from service.store.reader import Reader
from tests.service.conftest import reading, until


def keys(number: int) -> tuple[str, str]:
    account = f"a{number}"
    return keyspace.state(account), keyspace.decision(account, "v1", "home", "web", "-", 3)


FRESH = keys(0)[1]


def fill(server: EmbeddedValkey, accounts: int) -> redis.Redis:
    client = redis.Redis.from_url(server.url)
    client.set(keyspace.LIVE, "v1")
    for number in range(accounts):
        state_key, decision_key = keys(number)
        client.mset({state_key: f"state {number}", decision_key: f"decision {number}"})
    client.config_resetstat()
    return client


def calls(client: redis.Redis, command: str) -> int:
    stats = client.info("commandstats")
    return int(stats.get(f"cmdstat_{command}", {"calls": 0})["calls"])


def test_reads_that_wait_together_share_one_round_trip(valkey: EmbeddedValkey) -> None:
    async def scenario() -> int:
        async with reading(valkey.url, probe_ms=60_000) as reader:
            reads = await asyncio.gather(*(reader.read(*keys(n)) for n in range(100)))
            for number, read in enumerate(reads):
                assert read == (b"v1", f"state {number}".encode(), f"decision {number}".encode())
            return reader.round_trips

    with fill(valkey, 100) as client:
        assert asyncio.run(scenario()) == 1
        assert calls(client, "mget") == 1


def test_a_read_alone_is_one_command_and_one_round_trip(valkey: EmbeddedValkey) -> None:
    async def scenario() -> int:
        async with reading(valkey.url, probe_ms=60_000) as reader:
            for number in range(20):
                await reader.read(*keys(number))
            return reader.round_trips

    with fill(valkey, 20) as client:
        assert asyncio.run(scenario()) == 20
        assert calls(client, "mget") == 20


def test_a_large_crowd_is_split_and_everyone_gets_their_own(valkey: EmbeddedValkey) -> None:
    async def scenario() -> int:
        async with reading(valkey.url, probe_ms=60_000, most_reads=16) as reader:
            reads = await asyncio.gather(*(reader.read(*keys(n)) for n in range(100)))
            assert [read.state for read in reads] == [b"state %d" % n for n in range(100)]
            return reader.round_trips

    with fill(valkey, 100):
        assert asyncio.run(scenario()) == 7


def test_two_halves_do_not_take_turns(valkey: EmbeddedValkey) -> None:
    """Who asks while others' round trip is under way does not go on without them from then on."""
    rounds, half = 50, 8

    async def scenario() -> int:
        async with reading(valkey.url, probe_ms=60_000) as reader:

            async def asks(number: int) -> None:
                for _ in range(rounds):
                    assert (await reader.read(*keys(number))).state == b"state %d" % number
                    await asyncio.sleep(0)  # as long as it takes to answer and to be asked again
                    await asyncio.sleep(0)

            async with asyncio.TaskGroup() as people:
                for number in range(half):
                    people.create_task(asks(number))
                await asyncio.sleep(0)
                await asyncio.sleep(0)  # the first half is on its way
                for number in range(half, 2 * half):
                    people.create_task(asks(number))
            return reader.round_trips

    with fill(valkey, 2 * half):
        assert asyncio.run(scenario()) <= rounds + 5  # 2 * rounds, did they take turns


def test_a_write_rides_along_with_the_next_read(valkey: EmbeddedValkey) -> None:
    async def scenario() -> int:
        async with reading(valkey.url, probe_ms=60_000) as reader:
            await reader.read(*keys(0))
            reader.write_later(FRESH, b"decision", 60_000)
            await reader.read(*keys(1))
            await reader.flush()
            return reader.round_trips

    with fill(valkey, 2) as client:
        assert asyncio.run(scenario()) == 2
        assert client.get(FRESH) == b"decision"
        assert 0 < client.pttl(FRESH) <= 60_000


def test_a_write_is_flushed_when_nobody_reads(valkey: EmbeddedValkey) -> None:
    with fill(valkey, 1) as client:

        async def scenario() -> None:
            async with reading(valkey.url, probe_ms=60_000) as reader:
                reader.write_later(FRESH, b"decision", 60_000)
                await until(lambda: client.get(FRESH) == b"decision")

        asyncio.run(scenario())


def test_an_answer_about_an_account_that_is_gone_meanwhile_is_not_kept(
    valkey: EmbeddedValkey,
) -> None:
    with fill(valkey, 2) as client:

        async def scenario() -> None:
            async with reading(valkey.url, probe_ms=60_000) as reader:
                for number in (0, 1):
                    reader.write_later(keys(number)[1], b"fresh", 60_000)
                client.delete(*keys(0))
                await reader.flush()

        asyncio.run(scenario())
        assert client.get(keys(0)[1]) is None
        assert client.get(keys(1)[1]) == b"fresh"


def test_writes_wait_in_a_bounded_queue(valkey: EmbeddedValkey) -> None:
    async def scenario() -> int:
        async with reading(valkey.url, write_capacity=10) as reader:
            for number in range(25):
                reader.write_later(f"k{number}", b"x", 1000)
            return reader.writes_dropped

    assert asyncio.run(scenario()) == 15


def test_a_redis_that_refuses_writes_still_answers_reads(own_valkey: EmbeddedValkey) -> None:
    async def scenario() -> None:
        async with reading(own_valkey.url) as reader:
            reader.write_later(FRESH, b"decision", 1000)
            assert (await reader.read(*keys(0))).state == b"state 0"
            await reader.flush()
            assert reader.writes_failed == 1
            assert reader.up

    with fill(own_valkey, 1) as client:
        client.replicaof("127.0.0.1", 1)  # a replica without its primary: reads, no writes
        asyncio.run(scenario())


def test_ten_thousand_cancelled_reads_leak_no_reply_to_another(valkey: EmbeddedValkey) -> None:
    async def ask(reader: Reader, number: int) -> None:
        read = await reader.read(*keys(number % 200))
        assert read.state == b"state %d" % (number % 200)

    async def scenario() -> tuple[int, int]:
        dice = random.Random(7)
        cancelled = survived = 0
        async with reading(valkey.url) as reader:
            while cancelled < 10_000:
                tasks = [asyncio.create_task(ask(reader, dice.randrange(200))) for _ in range(50)]
                for _ in range(dice.randrange(4)):  # before, during and after the round trip
                    await asyncio.sleep(0)
                for task in tasks:
                    if dice.random() < 0.8:
                        task.cancel()
                for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                    if isinstance(outcome, asyncio.CancelledError):
                        cancelled += 1
                    else:
                        assert outcome is None
                        survived += 1
            assert reader.up
            assert reader.failures == 0
        return cancelled, survived

    with fill(valkey, 200):
        cancelled, survived = asyncio.run(scenario())
    assert cancelled >= 10_000
    assert survived > 1_000


def test_a_closed_port_fails_at_once(valkey: EmbeddedValkey) -> None:
    async def scenario() -> float:
        async with reading(f"redis://127.0.0.1:{free_port()}/0", timeout_ms=50) as reader:
            started = time.perf_counter()
            with pytest.raises(StoreUnavailable):
                await reader.read(*keys(0))
            return time.perf_counter() - started

    assert asyncio.run(scenario()) < 0.01


def test_a_stopped_process_fails_everyone_within_the_timeout(own_valkey: EmbeddedValkey) -> None:
    async def scenario() -> None:
        async with reading(own_valkey.url, timeout_ms=50) as reader:
            assert (await reader.read(*keys(0))).state == b"state 0"
            os.kill(own_valkey.process.pid, signal.SIGSTOP)
            try:
                started = time.perf_counter()
                first = [asyncio.ensure_future(reader.read(*keys(n))) for n in range(10)]
                outcomes = await asyncio.gather(*first, return_exceptions=True)
                took = time.perf_counter() - started
                assert all(isinstance(outcome, StoreUnavailable) for outcome in outcomes)
                assert took < 0.1
                started = time.perf_counter()
                for number in range(100):
                    with pytest.raises(StoreUnavailable):
                        await reader.read(*keys(number))
                assert time.perf_counter() - started < 0.05
            finally:
                os.kill(own_valkey.process.pid, signal.SIGCONT)
            await until(lambda: reader.up)
            assert (await reader.read(*keys(3))).state == b"state 3"

    with fill(own_valkey, 10):
        asyncio.run(scenario())


def test_a_connection_that_the_server_closes_is_opened_again(own_valkey: EmbeddedValkey) -> None:
    async def scenario() -> None:
        async with reading(own_valkey.url) as reader:
            with fill(own_valkey, 1) as client:
                client.client_kill_filter(_type="normal", skipme=True)
            try:
                await reader.read(*keys(0))
            except StoreUnavailable:
                await until(lambda: reader.up)
            assert (await reader.read(*keys(0))).state == b"state 0"

    asyncio.run(scenario())


def test_the_pointer_is_told_of_even_when_nobody_asks(valkey: EmbeddedValkey) -> None:
    seen: list[bytes | None] = []

    async def scenario() -> None:
        async with reading(valkey.url, seen.append):
            await until(lambda: None in seen)
            with fill(valkey, 0):
                await until(lambda: b"v1" in seen)

    asyncio.run(scenario())


def test_nobody_is_left_waiting_when_the_service_itself_is_at_fault(
    valkey: EmbeddedValkey,
) -> None:
    def fault(_: bytes | None) -> None:
        raise ZeroDivisionError

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(
            lambda _, __: None
        )  # the fault is loud; the test is about hanging
        async with reading(valkey.url, fault) as reader:
            with pytest.raises(StoreUnavailable):
                await asyncio.wait_for(reader.read(*keys(0)), 5)

    asyncio.run(scenario())
