"""Whoever answers slowly, or never, is waited for alone: all others get theirs meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from recommender.account import AlertStatus
from service.erasure.erase import Erasure
from service.webhooks.delivery import Delivery, unpack_delivery
from service.webhooks.sender import Sender
from tests.service.webhooks.hanging import hanging
from tests.service.webhooks.receiving import receiving
from tests.service.webhooks.test_sending import sender

PATIENCE_S = 20.0


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey.url) as client:
        yield client


def queue(client: redis.Redis, url: str, count: int, since: float, status: str = "seen") -> None:
    """Deliveries that are due, the first `since` then."""
    made = (
        Delivery(f"{url}{n}", url, f"a{n}", "alert", AlertStatus(status), 1, '{"data": {}}').pack()
        for n in range(count)
    )
    client.zadd(keyspace.WEBHOOKS, {packed: since + n for n, packed in enumerate(made)})


def becomes(condition: Callable[[], bool], message: str) -> None:
    """Wait until it holds."""
    until, pause = time.monotonic() + PATIENCE_S, threading.Event()
    while not condition():
        assert time.monotonic() < until, message
        pause.wait(0.01)


def hang(send: Sender, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let its calls never end; the addresses that it calls."""
    called: list[str] = []
    monkeypatch.setattr(send, "_deliver", lambda claimed: called.append(claimed.address))
    return called


@contextmanager
def running(senders: Sequence[Sender]) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=one.run, args=(stop,), daemon=True) for one in senders]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()


def workers(valkey: EmbeddedValkey, count: int, *urls: str) -> list[Sender]:
    """All senders of so many workers, each with a connection of its own and much patience."""
    own = (redis.Redis.from_url(valkey.url) for _ in range(4 * count))
    return [sender(client, *urls, timeout_s=30.0) for client in own]


@pytest.mark.parametrize("every_s", [None, 0.05])
@pytest.mark.parametrize("count", [1, 2])
def test_who_never_answers_keeps_nobody_else_waiting(
    client: redis.Redis, valkey: EmbeddedValkey, count: int, every_s: float | None
) -> None:
    with hanging(every_s) as stuck, receiving() as healthy:
        queue(client, stuck.url, 600, since=1.0)
        queue(client, healthy.url, 40, since=1_000.0)
        with running(workers(valkey, count, stuck.url, healthy.url)):
            becomes(lambda: len(healthy.calls) == 40, "the healthy one waits for the other")
            assert len(stuck.held) <= 2, "no more than half of one worker's senders wait for it"
            becomes(lambda: stuck.taken == 2, "it is called too")
    assert len(healthy.calls) == 40


def test_senders_that_get_free_go_to_who_waits_for_nobody(
    client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where as many hang as there are senders."""
    slow, other, healthy = (f"http://127.0.0.1:{port}/" for port in (1, 2, 3))
    queue(client, slow, 9, since=1.0)
    queue(client, other, 9, since=2.0)
    queue(client, healthy, 9, since=1_000.0)
    send = sender(client, slow, other, healthy)
    claimed = hang(send, monkeypatch)
    while send.once():
        pass
    assert claimed == [slow, other, healthy, slow, other, healthy]


def test_the_only_address_may_have_all_senders(
    client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(client, url := "http://127.0.0.1:1/", 9, since=1.0)
    send = sender(client, url)
    hang(send, monkeypatch)
    assert [send.once() for _ in range(10)] == [True] * 9 + [False]


def test_a_long_queue_is_gone_through_in_the_order_in_which_it_is_due(client: redis.Redis) -> None:
    with receiving() as healthy:
        queue(client, healthy.url, 520, since=1.0)
        send = sender(client, healthy.url)
        while send.once():
            pass
        names = [call.headers["webhook-id"] for call in healthy.calls]
    assert names == [f"{healthy.url}{n}" for n in range(520)]
    assert not send.once()
    assert list(client.scan_iter("raak:webhooks:*")) == [], "no queue stays behind"


@pytest.mark.parametrize("every_s", [None, 0.02])
def test_a_call_ends_in_time_however_often_something_is_said(
    client: redis.Redis, every_s: float | None
) -> None:
    with hanging(every_s) as stuck:
        queue(client, stuck.url, 1, since=1.0)
        send = sender(client, stuck.url, timeout_s=0.3)
        begun = time.monotonic()
        assert send.once()
        assert time.monotonic() - begun < PATIENCE_S / 2
        assert (send.tally.failed, send.tally.sent) == (1, 0)
        ((packed, due),) = client.zscan_iter(keyspace.WEBHOOKS)
        assert unpack_delivery(packed).attempt == 1
        assert due > time.time()


def test_what_is_due_or_being_sent_goes_when_its_account_is_erased(
    client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(client, url := "http://127.0.0.1:1/", 3, since=1.0)
    send = sender(client, url)
    hang(send, monkeypatch)
    assert send.once()
    assert client.zcard(keyspace.webhooks_due(url)) == 3
    for name in ("a0", "a1"):
        erasure = Erasure.begin(client, name)
        erasure.sweep()
        assert erasure.finish().removed.webhooks == 1
    left: Any
    (left,) = client.zrange(keyspace.webhooks_due(url), 0, -1)
    assert unpack_delivery(left).account_id == "a2"
