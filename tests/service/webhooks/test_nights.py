"""Quiet hours hold for whatever is sent: the first time, again, out of a long queue, replayed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender.account import Case
from recommender.catalogue.alerts import zone_of
from service.webhooks.dead import dead_deliveries, replay
from service.webhooks.sender import Sender
from tests.recommender.bank import bank
from tests.service.alerts.telling import NOW
from tests.service.bank import person, publish_bank
from tests.service.webhooks.receiving import Receiver
from tests.service.webhooks.test_sending import sender, worker

ZONE = zone_of(bank().timezone)


def clock(hour: int, minute: int = 0, days: int = 0) -> datetime:
    """An instant of the day of `NOW`, from which accounts are counted, on the bank's clock."""
    return datetime.combine(NOW.date() + timedelta(days), time(hour, minute), ZONE)


EVENING, NIGHT, MORNING = clock(21, 55), clock(22, 4), clock(7, 30, days=1)


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    """Ann has a broken promise, which keeps quiet hours."""
    order = Case("c1", "order", "open", NOW - timedelta(9), promised_at=NOW - timedelta(5))
    publish_bank(valkey.url, [person("ann", cases=(order,)), person("bob")])
    with redis.Redis.from_url(valkey.url) as client:
        yield client


def raised_in_the_evening(client: redis.Redis, *urls: str) -> None:
    by = worker(client, *urls)
    by.clock = EVENING.timestamp
    by.bring_up_to_date(["ann"])


def sends(send: Sender, at: datetime) -> None:
    """All that is due then."""
    send.clock = at.timestamp
    while send.once():
        pass


def test_what_failed_in_the_evening_is_tried_again_in_the_morning(
    client: redis.Redis, receiver: Receiver
) -> None:
    receiver.answers = [503]
    raised_in_the_evening(client, receiver.url)
    send = sender(client, receiver.url, first_s=480.0)
    for at in (EVENING, NIGHT, MORNING - timedelta(seconds=1)):
        sends(send, at)
        assert len(receiver.calls) == 1
    sends(send, MORNING)
    assert [call.data["kind"] for call in receiver.calls] == ["promise_broken"] * 2


def test_what_waited_in_a_long_queue_until_the_night_waits_for_the_morning(
    client: redis.Redis, receiver: Receiver
) -> None:
    raised_in_the_evening(client, receiver.url)
    send = sender(client, receiver.url, attempts=1)
    sends(send, NIGHT)
    assert receiver.calls == []
    assert (send.tally.failed, send.tally.dead) == (0, 0), "to wait is no attempt"
    sends(send, MORNING)
    assert len(receiver.calls) == 1


def test_what_is_replayed_at_night_is_sent_in_the_morning(
    client: redis.Redis, receiver: Receiver
) -> None:
    receiver.answers = [410]
    raised_in_the_evening(client, receiver.url)
    send = sender(client, receiver.url)
    sends(send, EVENING)
    assert len(list(dead_deliveries(client))) == 1
    assert replay(client, NIGHT.timestamp()) == 1
    sends(send, NIGHT)
    assert len(receiver.calls) == 1
    sends(send, MORNING)
    assert len(receiver.calls) == 2
