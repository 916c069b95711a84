"""A publication rests on tables of last night; what happened since is not undone by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from recommender.account import Account, Consent, Frequency, Payment, unpack
from recommender.catalogue.alerts import zone_of
from service.events.config import EventsConfig
from service.events.folding import Folding
from service.events.stream import GROUP, begin, entries
from service.publish import Known, Publication, publish, states
from tests.recommender.bank import bank
from tests.recommender.events.told import told
from tests.service.bank import bundle, person, publish_bank

NOW = datetime.now(UTC)


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    publish_bank(valkey.url, [person("ann")])
    with redis.Redis.from_url(valkey.url) as client:
        begin(client)
        yield client


def happens(client: redis.Redis, event_id: str, at: datetime = NOW) -> None:
    """Ann looks at the mortgage, and it is folded."""
    folded(client, told("page_view", at, event_id, product_id="mortgage"))


def folded(client: redis.Redis, event: dict[str, Any]) -> None:
    client.xadd(keyspace.EVENTS, {"e": json.dumps(event)})
    found: Any = client.xreadgroup(GROUP, "one", {keyspace.EVENTS: ">"})
    Folding(client, "one", EventsConfig()).apply(entries(found[0][1]))


def again(client: redis.Redis, known: Known) -> None:
    """The tables as they were: Ann, who has looked at nothing."""
    publish(client, [person("ann")], bundle(), Publication(), known=known)


def stored(client: redis.Redis) -> Account:
    found: Any = client.get(keyspace.state("ann"))
    return unpack(found)


def views(client: redis.Redis) -> int:
    interest = stored(client).product_interest.get("mortgage")
    return round(interest.level) if interest else 0


def test_what_the_tables_do_not_have_is_kept(client: redis.Redis) -> None:
    happens(client, "e1")
    happens(client, "e2")
    for _ in range(3):
        again(client, Known())
        assert views(client) == 2


def test_what_the_tables_have_is_not_counted_on_top_of_them(client: redis.Redis) -> None:
    happens(client, "e1")
    happens(client, "e2")
    again(client, Known(NOW - timedelta(days=3), frozenset({"e1"})))
    assert views(client) == 1
    happens(client, "e3")
    again(client, Known(NOW - timedelta(days=3), frozenset({"e1", "e2"})))
    assert views(client) == 1


def test_what_is_older_than_the_tables_can_miss_is_theirs(client: redis.Redis) -> None:
    happens(client, "e1", NOW - timedelta(hours=30))
    happens(client, "e2")
    again(client, Known(NOW - timedelta(hours=24)))
    assert views(client) == 1


def test_an_event_that_is_folded_while_publishing_is_not_lost(
    client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = states._before
    came: list[str] = []

    def meanwhile(client: redis.Redis, accounts: list[Account]) -> list[states.Before]:
        found = read(client, accounts)
        if len(came) < 2:
            came.append(f"e{len(came)}")
            happens(client, came[-1])
        return found

    monkeypatch.setattr(states, "_before", meanwhile)
    again(client, Known())
    assert came == ["e0", "e1"]
    assert views(client) == 2


def test_an_event_of_a_version_before_this_one_is_passed_over(client: redis.Redis) -> None:
    client.rpush(keyspace.recent("ann"), b'{"kind": "of old"}')
    again(client, Known())
    assert views(client) == 0


def bank_day(days_ago: int = 0) -> date:
    return (NOW - timedelta(days=days_ago)).astimezone(zone_of(bank().timezone)).date()


def with_money(client: redis.Redis, known: Known) -> Account:
    """Ann as tables of last night tell of her, with what is kept of her events."""
    coming = (
        Payment(bank_day(), -9_000, "EUR", "Energy"),
        Payment(bank_day() + timedelta(days=3), -4_000, "EUR", "Water"),
    )
    ann = person("ann", balance_minor=10_000, booked_until=bank_day(1), coming=coming)
    publish(client, [ann], bundle(), Publication(), known=known)
    return stored(client)


def paid(client: redis.Redis, at: datetime, to: str, amount: int) -> None:
    money = {"amount_minor": amount, "counterparty": to, "balance_minor": 1_000}
    folded(client, told("transaction", at, "t1", **money))


logs = pytest.mark.parametrize("known", [Known(), Known(NOW - timedelta(9), frozenset({"t1"}))])
"""Tables with and without the event log among them."""


@logs
def test_a_booking_after_the_tables_last_one_is_kept_though_its_event_is_known(
    client: redis.Redis, known: Known
) -> None:
    with_money(client, Known())
    paid(client, NOW, "Energy", -9_000)
    for _ in range(2):
        after = with_money(client, known)
        assert after.balance_minor == 1_000
        assert [one.counterparty for one in after.coming] == ["Water"]


@logs
@pytest.mark.parametrize("days_ago", [1, 2])
def test_a_booking_that_the_tables_have_is_theirs(
    client: redis.Redis, known: Known, days_ago: int
) -> None:
    """Nor does it settle an equal payment that is due days later."""
    paid(client, NOW - timedelta(days_ago), "Water", -4_000)
    after = with_money(client, known)
    assert after.balance_minor == 10_000
    assert [one.counterparty for one in after.coming] == ["Energy", "Water"]


LONG_AGO = NOW - timedelta(days=30)


def forgotten(client: redis.Redis) -> None:
    """It is so long ago that no event of it lies beside the state any more."""
    client.delete(keyspace.recent("ann"))


def test_what_somebody_asked_for_long_ago_outlives_tables_that_never_heard_of_it(
    client: redis.Redis,
) -> None:
    wishes: list[dict[str, Any]] = [
        {"about": "contact", "subject": None, "wish": "none"},
        {"about": "domain", "subject": "housing", "wish": "less"},
        {"about": "consent", "subject": "marketing", "wish": "no"},
    ]
    for number, wish in enumerate(wishes):
        folded(client, told("preference_change", LONG_AGO, f"w{number}", **wish))
    folded(client, told("start", LONG_AGO, "s1", product_id="mortgage"))
    folded(client, told("nps", LONG_AGO, "n1", value=2))
    before = stored(client)
    forgotten(client)
    for _ in range(2):
        again(client, Known(NOW - timedelta(days=3)))
        after = stored(client)
        assert after.consent == Consent(personalisation=True, marketing=False)
        assert after.preferences == before.preferences
        assert after.preferences.contact is Frequency.NONE
        assert (after.applications, after.opinion) == (before.applications, before.opinion)
        assert after.applications
        assert after.opinion


def test_a_first_consent_told_by_an_event_outlives_tables_that_never_heard_of_it(
    client: redis.Redis,
) -> None:
    nobody = person("ann", consent=Consent())
    publish(client, [nobody], bundle(), Publication())
    wish = {"about": "consent", "subject": "marketing", "wish": "yes"}
    folded(client, told("preference_change", LONG_AGO, "w1", **wish))
    forgotten(client)
    publish(client, [nobody], bundle(), Publication(), known=Known(NOW))
    assert stored(client).consent == Consent(marketing=True)
