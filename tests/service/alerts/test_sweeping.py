"""Workers that sweep together share the accounts that are due, and lose none when one dies."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from service.alerts.sweep import BATCH, Sweep
from tests.service.alerts.telling import short, statuses, sweep
from tests.service.bank import person, publish_bank

NAMES = [f"a{n}" for n in range(3 * BATCH - 60)]


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    publish_bank(valkey.url, [short(), person("bob")])
    with redis.Redis.from_url(valkey.url) as client:
        yield client


def test_two_workers_look_at_each_who_is_due_once(
    valkey: EmbeddedValkey, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_bank(valkey.url, [short(), person("bob"), *map(short, NAMES)])
    client.zadd(keyspace.ALERTS_DUE, dict.fromkeys(NAMES, time.time() - 1))
    looked: list[str] = []
    both_know_whom = threading.Barrier(2, timeout=20.0)

    def work(one: Sweep) -> int:
        look = one.folding.bring_up_to_date
        first = iter([True])

        def noted(account_ids: list[str]) -> None:
            if next(first, False):
                both_know_whom.wait()
            looked.extend(account_ids)
            look(account_ids)

        monkeypatch.setattr(one.folding, "bring_up_to_date", noted)
        while one.due():
            pass
        return one.folding.tally.conflicts

    with (
        redis.Redis.from_url(valkey.url) as another,
        ThreadPoolExecutor(2) as threads,
    ):
        workers = (sweep(client, "one"), sweep(another, "two"))
        assert list(threads.map(work, workers)) == [0, 0]
    assert sorted(looked) == sorted(NAMES)
    assert all(statuses(client, name) == ["raised"] for name in NAMES[::50])
    assert client.zcount(keyspace.ALERTS_DUE, "-inf", time.time() + 60) == 0


def test_whom_a_worker_was_about_to_look_at_when_it_died_is_looked_at_later(
    client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.zadd(keyspace.ALERTS_DUE, {"ann": time.time() - 1})
    dying, coming = sweep(client, "dying"), sweep(client, "coming")

    def die(_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(dying.folding, "bring_up_to_date", die)
    with pytest.raises(SystemExit):
        dying.due()
    assert coming.due() == 0, "the first may still be at it"
    assert statuses(client) == []
    coming.clock = lambda: time.time() + 60
    assert coming.due() == 1
    assert statuses(client) == ["raised"]
