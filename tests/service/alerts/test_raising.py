"""Workers raise alerts, withdraw them, and tell each change once, whatever happens between."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from recommender.account import Account, AlertStatus, Case, pack, unpack
from recommender.alerts.life import advance
from recommender.money.ahead import STANDS_FROM_PERMILLE, TOLD_FROM_PERMILLE
from recommender.tombstone import digest
from service.alerts import sweep as sweeping
from service.events.folding import Folding
from tests.recommender.bank import bank_live
from tests.recommender.money.paid import banked, every
from tests.service.alerts.telling import (
    NOW,
    due,
    fold,
    folding,
    happens,
    log,
    records,
    salary,
    short,
    statuses,
    sweep,
    the_alert,
)
from tests.service.bank import person, publish_bank

NEVER = threading.Event()


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    publish_bank(valkey.url, [short(), person("bob")])
    with redis.Redis.from_url(valkey.url) as client:
        yield client


def at(client: redis.Redis, seconds: float, consumer: str = "one") -> int:
    """A sweep of who is due, so many seconds from now."""
    later = sweep(client, consumer)
    later.clock = later.folding.clock = lambda: time.time() + seconds
    return later.due()


def test_after_a_publication_everybody_is_looked_at_once(client: redis.Redis) -> None:
    sweep(client).everybody(NEVER)
    assert statuses(client) == ["raised"]
    assert statuses(client, "bob") == []
    before = client.get(keyspace.state("ann"))
    sweep(client, "two").everybody(NEVER)
    assert client.get(keyspace.state("ann")) == before
    assert statuses(client) == ["raised"]


def test_publishing_again_raises_nothing_again(client: redis.Redis, valkey: EmbeddedValkey) -> None:
    sweep(client).everybody(NEVER)
    happens(client, "alert_dismissed", alert_id=the_alert(client))
    fold(client)
    publish_bank(valkey.url, [short(), person("bob")])
    sweep(client).everybody(NEVER)
    assert statuses(client) == ["raised", "dismissed"]
    publish_bank(valkey.url, [short(coming=(due(9_000),)), person("bob")])
    sweep(client).everybody(NEVER)
    assert statuses(client) == ["raised", "dismissed", "raised"]


def test_a_sweep_that_was_interrupted_is_begun_again(client: redis.Redis) -> None:
    stopping = threading.Event()
    stopping.set()
    sweep(client).everybody(stopping)
    assert statuses(client) == []
    sweep(client).everybody(NEVER)
    assert statuses(client) == ["raised"]
    assert client.get(keyspace.ALERTS_SWEPT) == client.get(keyspace.LIVE)
    assert client.get(keyspace.ALERTS_SWEEPING) is None


def test_who_publishes_during_a_sweep_has_another_one(
    client: redis.Redis, valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring = Folding.bring_up_to_date

    def and_publish(self: Folding, account_ids: list[str]) -> None:
        bring(self, account_ids)
        monkeypatch.setattr(Folding, "bring_up_to_date", bring)
        publish_bank(valkey.url, [short(), short("bob")])

    monkeypatch.setattr(Folding, "bring_up_to_date", and_publish)
    sweep(client).everybody(NEVER)
    assert statuses(client, "bob") == []
    sweep(client).everybody(NEVER)
    assert statuses(client, "bob") == ["raised"]


def test_only_one_worker_looks_at_everybody(client: redis.Redis) -> None:
    client.set(keyspace.ALERTS_SWEEPING, "another", px=sweeping.HELD_MS)
    sweep(client).everybody(NEVER)
    assert statuses(client) == []


def test_an_event_raises_and_the_next_withdraws(client: redis.Redis) -> None:
    salary(client, "ann")
    fold(client)
    assert statuses(client) == []
    salary(client, "ann", balance_minor=1_000)
    fold(client)
    salary(client, "ann")
    fold(client)
    assert statuses(client) == ["raised", "resolved"]
    (raised, resolved) = log(client)
    assert raised.alert is not None
    assert raised.alert.shortfall_minor == 5_000
    assert resolved.alert is None
    assert {record.status for record in records(client)} == {AlertStatus.RESOLVED}


def test_what_is_answered_before_any_worker_saw_it_is_answered(client: redis.Redis) -> None:
    lookout = bank_live().lookout
    (record,) = advance(short(), NOW, lookout).alerts
    happens(client, "alert_dismissed", alert_id=record.alert_id)
    fold(client)
    assert statuses(client) == ["dismissed"]


def test_answers_are_counted_once_and_only_forwards(client: redis.Redis) -> None:
    sweep(client).everybody(NEVER)
    alert_id = the_alert(client)
    for kind in ("alert_seen", "alert_delivered", "alert_seen", "alert_dismissed", "alert_seen"):
        happens(client, kind, alert_id=alert_id)
        fold(client)
    assert statuses(client) == ["raised", "seen", "dismissed"]


def test_an_answer_to_somebody_elses_alert_changes_nothing(client: redis.Redis) -> None:
    sweep(client).everybody(NEVER)
    happens(client, "alert_dismissed", "bob", alert_id=the_alert(client))
    fold(client)
    assert statuses(client) == ["raised"]
    assert records(client, "bob") == ()


def test_time_alone_raises_and_expires(client: redis.Redis, valkey: EmbeddedValkey) -> None:
    soon = NOW + timedelta(hours=3)
    order = Case("c1", "order", "open", NOW - timedelta(days=2), promised_at=soon)
    publish_bank(valkey.url, [person("ann", cases=(order,)), person("bob")])
    sweep(client).everybody(NEVER)
    assert [change.kind for change in log(client)] == ["promise_at_risk"]
    at(client, 3 * 3600 + 60)
    assert [(change.kind, change.status.value) for change in log(client)] == [
        ("promise_at_risk", "raised"),
        ("promise_at_risk", "resolved"),
        ("promise_broken", "raised"),
    ]
    assert at(client, 3 * 3600 + 60) == 0, "nobody is due twice"


def test_who_has_nothing_that_time_changes_is_never_due(client: redis.Redis) -> None:
    sweep(client).everybody(NEVER)
    assert client.zrange(keyspace.ALERTS_DUE, 0, -1) == [b"ann"]
    salary(client, "ann")
    happens(client, "page_view", "bob")
    fold(client)
    assert client.zscore(keyspace.ALERTS_DUE, "bob") is None


def test_two_workers_at_once_tell_it_once(
    client: redis.Redis, valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each reads before the other writes; the second finds that there is nothing left to do."""
    with redis.Redis.from_url(valkey.url) as another:
        slow = folding(client, "slow")
        put: Any = slow._fold

        def after_the_other(*arguments: object) -> object:
            monkeypatch.setattr(slow, "_fold", put)
            folding(another, "quick").bring_up_to_date(["ann"])
            return put(*arguments)

        monkeypatch.setattr(slow, "_fold", after_the_other)
        slow.bring_up_to_date(["ann"])
    assert statuses(client) == ["raised"]
    assert slow.tally.conflicts == 1


def test_a_worker_that_dies_after_its_step_repeats_nothing(
    client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step was done, the worker never heard: what is pending is nothing."""
    salary(client, "ann", balance_minor=1_000)
    worker = folding(client)
    put: Any = worker._fold

    def and_die(*arguments: object) -> object:
        put(*arguments)
        raise redis.ConnectionError("gone")

    monkeypatch.setattr(worker, "_fold", and_die)
    with pytest.raises(redis.ConnectionError):
        fold(client, worker)
    fold(client, folding(client, "next"))
    folding(client, "next").bring_up_to_date(["ann"])
    assert statuses(client) == ["raised"]


def test_the_log_is_capped_and_ends(client: redis.Redis) -> None:
    worker = folding(client, log_most=5, log_days=2)
    for _ in range(4):
        for balance in (1_000, 300_000):
            salary(client, "ann", balance_minor=balance)
            fold(client, worker)
    assert len(log(client)) == 5
    assert 0 < client.pttl(keyspace.alert_log("ann")) <= 2 * 86_400_000


@pytest.mark.parametrize("step", ["advance", "changes_between", "turns_at"])
def test_a_fault_in_alerts_stops_no_event(
    client: redis.Redis, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(f"service.events.news.{step}", broken)
    salary(client, "ann")
    worker = folding(client)
    fold(client, worker)
    assert worker.tally.folded == 1
    assert worker.tally.alert_faults == 1


def test_the_erased_and_the_unknown_are_due_no_more(client: redis.Redis) -> None:
    soon = time.time() - 1
    client.sadd(keyspace.ERASED, digest("ann"))
    client.set(keyspace.state("broken"), b"\x01")
    client.zadd(keyspace.ALERTS_DUE, {"ann": soon, "nobody": soon, "broken": soon})
    assert sweep(client).due() == 3
    assert client.zcard(keyspace.ALERTS_DUE) == 0
    assert statuses(client) == []


def test_a_state_of_before_has_its_alerts_raised(client: redis.Redis) -> None:
    fields = msgspec.msgpack.decode(pack(short()))
    client.set(keyspace.state("ann"), msgspec.msgpack.encode(fields[:-1]))
    folding(client).bring_up_to_date(["ann"])
    assert statuses(client) == ["raised"]
    assert log(client)[0].at <= datetime.now(UTC)


def test_a_shortfall_that_was_ahead_stays_as_easily_through_a_publication(
    valkey: EmbeddedValkey, client: redis.Redis
) -> None:
    today = bank_live().days.of(NOW)
    rent = every(28, today + timedelta(2 - 280), 10, -60_000)
    known = banked(rent, today, 20_000)
    somebody = person("ann", balance_minor=20_000, finances=known.finances, ahead=known.ahead)
    publish_bank(valkey.url, [somebody, person("bob")])
    first = state(client)
    assert first.ahead is not None
    assert first.ahead.from_permille == TOLD_FROM_PERMILLE
    sweep(client).everybody(NEVER)
    assert [record.kind for record in records(client)] == ["shortfall_ahead"]
    first_told = records(client)
    publish_bank(valkey.url, [somebody, person("bob")])
    again = state(client)
    assert again.ahead is not None
    assert again.ahead.from_permille == STANDS_FROM_PERMILLE
    assert again.alerts == first_told
    salary(client)
    fold(client)
    after = state(client)
    assert after.ahead is not None
    assert after.ahead.chance_permille == ()
    (over,) = [one.status for one in after.alerts if one.kind == "shortfall_ahead"]
    assert over == AlertStatus.RESOLVED


def state(client: redis.Redis) -> Account:
    stored: Any = client.get(keyspace.state("ann"))
    return unpack(stored)
