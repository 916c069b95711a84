"""Changes of alerts reach who is listed: signed, at least once, and not when they are void."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import redis
from click.testing import CliRunner
from prometheus_client import CollectorRegistry, generate_latest
from pydantic import SecretStr

from cli.embedded import EmbeddedValkey
from cli.main import main
from recommender import keyspace
from recommender.account import Case
from service.alerts.config import AlertsConfig
from service.events.config import EventsConfig
from service.events.folding import Folding
from service.webhooks.config import WebhooksConfig
from service.webhooks.dead import dead_deliveries
from service.webhooks.delivery import Delivery, unpack_delivery
from service.webhooks.sender import Sender
from tests.service.alerts.telling import NOW, fold, happens, salary, short, the_alert
from tests.service.bank import person, publish_bank
from tests.service.webhooks.receiving import Received, Receiver, receiving

KEY = b"0123456789abcdef01234567"
SECRET = "whsec_" + base64.b64encode(KEY).decode()


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    publish_bank(valkey.url, [short(channel_preference="phone", language="nl"), person("bob")])
    with redis.Redis.from_url(valkey.url) as client:
        yield client


def worker(client: redis.Redis, *urls: str) -> Folding:
    return Folding(client, "one", EventsConfig(), alerts=AlertsConfig(), webhooks=urls)


def sender(client: redis.Redis, *urls: str, **options: Any) -> Sender:
    known: dict[str, Any] = {"urls": urls, "secret": SecretStr(SECRET), "allow_loopback": True}
    return Sender(client, WebhooksConfig(**(known | options)))


def raised(client: redis.Redis, *urls: str) -> None:
    worker(client, *urls).bring_up_to_date(["ann"])


def waiting(client: redis.Redis) -> list[Delivery]:
    found: Any = client.zrange(keyspace.WEBHOOKS, 0, -1)
    return [unpack_delivery(packed) for packed in found]


def checked(call: Received, key: bytes = KEY) -> str:
    """The id of a call whose signature is right, as its receiver would check it."""
    name, stamp = call.headers["webhook-id"], call.headers["webhook-timestamp"]
    assert abs(time.time() - int(stamp)) < 600
    signed = b".".join([name.encode(), stamp.encode(), call.body])
    right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert f"v1,{right}" in call.headers["webhook-signature"].split(" ")
    return name


def test_a_change_is_sent_signed_and_in_the_persons_words(
    client: redis.Redis, receiver: Receiver
) -> None:
    raised(client, receiver.url)
    send = sender(client, receiver.url)
    assert send.once()
    assert not send.once()
    (call,) = receiver.calls
    assert re.fullmatch(rf"{the_alert(client)}-\d+-raised", checked(call))
    assert call.path == "/hooks?for=alerts"
    assert call.headers["content-type"] == "application/json"
    assert call.headers["host"] == receiver.url.split("/")[2]
    said = call.data
    assert (said["account_id"], said["channel"], said["language"]) == ("ann", "phone", "nl")
    assert said["alert"]["title"] == "Uw saldo komt tekort"
    assert client.zcard(keyspace.WEBHOOKS) == 0


def test_each_step_of_an_alert_is_told_to_each_address(client: redis.Redis) -> None:
    with receiving() as one, receiving() as other:
        urls = (one.url, other.url)
        raised(client, *urls)
        send = sender(client, *urls)
        while send.once():
            pass
        happens(client, "alert_delivered", alert_id=the_alert(client))
        fold(client, worker(client, *urls))
        happens(client, "alert_seen", alert_id=the_alert(client))
        fold(client, worker(client, *urls))
        salary(client)
        fold(client, worker(client, *urls))
        while send.once():
            pass
        assert sorted(one.statuses) == sorted(other.statuses) == ["raised", "resolved", "seen"]
        assert [call.data["alert"] for call in one.calls[1:]] == [None, None]


def test_what_fails_is_tried_again_later_and_longer_each_time(
    client: redis.Redis, receiver: Receiver
) -> None:
    receiver.answers = [500, 503, 302]
    raised(client, receiver.url)
    send = sender(client, receiver.url, first_s=10.0)
    now = time.time()
    send.clock = lambda: now  # as it goes on below
    waits = []
    while waiting(client):
        found: Any = client.zrange(keyspace.WEBHOOKS, 0, -1, withscores=True)
        ((_, due),) = found
        waits.append(float(due) - now)
        now = float(due)
        assert send.once()
    assert len(receiver.calls) == 4, "a redirect is a failure, and is not followed"
    assert len({checked(call) for call in receiver.calls}) == 1
    for wait, usual in zip(waits[1:], (10, 20, 40), strict=True):
        assert usual / 2 <= wait <= usual * 1.5
    assert (send.tally.failed, send.tally.sent) == (3, 1)


def test_how_long_it_backs_off_is_no_chance_and_differs_between_deliveries() -> None:
    def backs_off(name: str, attempt: int) -> float:
        status: Any = "raised"
        one = Delivery(name, "https://a.example/", "ann", "a", status, 1, "{}", attempt)
        return one.backs_off_s(5.0, 600.0)

    assert backs_off("a", 3) == backs_off("a", 3)
    assert len({backs_off(str(n), 3) for n in range(50)}) > 40
    assert all(backs_off(str(n), 900) <= 900 for n in range(50))


def test_what_is_given_up_is_kept_listed_and_can_be_sent_again(
    client: redis.Redis, receiver: Receiver, valkey: EmbeddedValkey
) -> None:
    receiver.answers = [500, 500]
    raised(client, receiver.url)
    send = sender(client, receiver.url, attempts=2, first_s=0.001)
    assert send.once()
    send.clock = lambda: time.time() + 60
    assert send.once()
    (letter,) = dead_deliveries(client)
    assert letter.reason == "it answered 500"
    environment = {"RAAK_REDIS_URL": valkey.url}
    listed = CliRunner().invoke(main, ["webhooks"], env=environment).output
    _, name, url, reason = listed.split("\t")
    assert re.fullmatch(rf"{the_alert(client)}-\d+-raised", name)
    assert (url, reason) == (receiver.url, "it answered 500\n")
    again = CliRunner().invoke(main, ["webhooks", "--replay"], env=environment).output
    assert again == "1 will be sent again\n"
    send.clock = time.time
    assert send.once()
    assert len(receiver.calls) == 3
    assert list(dead_deliveries(client)) == []


def test_who_is_gone_is_not_called_again(client: redis.Redis, receiver: Receiver) -> None:
    receiver.answers = [410]
    raised(client, receiver.url)
    sender(client, receiver.url).once()
    assert [one.reason for one in dead_deliveries(client)] == ["it answered 410"]


def test_an_address_that_is_no_longer_listed_is_not_called(
    client: redis.Redis, receiver: Receiver
) -> None:
    raised(client, receiver.url)
    sender(client, "https://elsewhere.example/").once()
    assert receiver.calls == []
    assert [one.reason for one in dead_deliveries(client)] == ["its address is no longer listed"]


def test_what_is_void_before_it_was_sent_is_not_sent(
    client: redis.Redis, receiver: Receiver
) -> None:
    raised(client, receiver.url)
    salary(client)
    fold(client, worker(client, receiver.url))
    send = sender(client, receiver.url)
    while send.once():
        pass
    assert receiver.statuses == ["resolved"]
    assert send.tally.withdrawn == 1


def test_at_night_only_what_cannot_wait_is_sent(
    client: redis.Redis, receiver: Receiver, valkey: EmbeddedValkey
) -> None:
    """A broken promise waits for the morning; a shortfall does not."""
    order = Case("c1", "order", "open", NOW - timedelta(9), promised_at=NOW - timedelta(5))
    publish_bank(valkey.url, [short(cases=(order,)), person("bob")])
    midnight = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
    night = worker(client, receiver.url)
    # days are counted from now in the account, so the night is one of these days
    tonight = midnight.replace(year=NOW.year, month=NOW.month, day=NOW.day)
    night.clock = tonight.timestamp
    night.bring_up_to_date(["ann"])
    send = sender(client, receiver.url)
    send.clock = tonight.timestamp
    while send.once():
        pass
    assert [call.data["kind"] for call in receiver.calls] == ["shortfall_ahead"]
    morning = tonight + timedelta(hours=7)
    send.clock = morning.timestamp
    while send.once():
        pass
    assert [call.data["kind"] for call in receiver.calls][1:] == ["promise_broken"]


def test_a_sender_that_dies_is_replaced_and_says_it_again(
    client: redis.Redis, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised(client, receiver.url)
    one = sender(client, receiver.url)

    def die(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(one, "_settled", die)
    with pytest.raises(SystemExit):
        one.once()
    two = sender(client, receiver.url)
    assert not two.once(), "the first may still be at it"
    two.clock = lambda: time.time() + 60
    assert two.once()
    assert len({call.headers["webhook-id"] for call in receiver.calls}) == 1


def test_two_senders_do_not_send_the_same(client: redis.Redis, receiver: Receiver) -> None:
    raised(client, receiver.url)
    senders = [sender(client, receiver.url) for _ in range(2)]
    assert [one.once() for one in senders] == [True, False]
    assert len(receiver.calls) == 1


def test_nobody_there_is_a_failure_like_any_other(client: redis.Redis) -> None:
    with receiving() as closed:
        pass
    raised(client, closed.url)
    send = sender(client, closed.url)
    send.once()
    assert send.tally.failed == 1
    assert [one.attempt for one in waiting(client)] == [1]


def test_while_secrets_change_hands_both_sign(client: redis.Redis, receiver: Receiver) -> None:
    new = b"f" * 24
    both = f"{SECRET} whsec_{base64.b64encode(new).decode()}"
    raised(client, receiver.url)
    sender(client, receiver.url, secret=SecretStr(both)).once()
    (call,) = receiver.calls
    assert checked(call, KEY) == checked(call, new)


def test_without_addresses_nothing_waits(client: redis.Redis) -> None:
    raised(client)
    assert client.zcard(keyspace.WEBHOOKS) == 0


def test_what_cannot_be_read_is_kept_with_the_dead(client: redis.Redis, receiver: Receiver) -> None:
    client.zadd(keyspace.WEBHOOKS, {msgspec.json.encode({"id": 3}): 0})
    send = sender(client, receiver.url)
    assert send.once()
    (letter,) = dead_deliveries(client)
    assert letter.delivery is None
    registry = CollectorRegistry()
    registry.register(send.tally)
    assert b'raak_webhooks_total{outcome="dead"} 1.0' in generate_latest(registry)
