"""Accounts with something to tell in a real Redis, and what was told of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import redis

from recommender import keyspace
from recommender.account import Account, AlertRecord, Payment, unpack
from recommender.alerts.life import Change
from service.alerts.config import AlertsConfig
from service.alerts.sweep import Sweep
from service.events.config import EventsConfig
from service.events.folding import Folding
from service.events.stream import GROUP, begin, entries
from tests.recommender.events.told import told
from tests.service.bank import person

NOW = datetime.now(UTC)


def due(amount_minor: int, days: int = 3, counterparty: str = "Energy") -> Payment:
    return Payment((NOW + timedelta(days)).date(), -amount_minor, "EUR", counterparty)


def short(account_id: str = "ann", **changes: Any) -> Account:
    """Somebody who will be short by EUR 40 in three days."""
    known: dict[str, Any] = {"balance_minor": 2_000, "coming": (due(6_000),)}
    return person(account_id, **(known | changes))


def folding(client: redis.Redis, consumer: str = "one", **alerts: Any) -> Folding:
    return Folding(client, consumer, EventsConfig(), alerts=AlertsConfig(**alerts))


def sweep(client: redis.Redis, consumer: str = "one") -> Sweep:
    return Sweep(folding(client, consumer), AlertsConfig())


def happens(client: redis.Redis, kind: str, account_id: str = "ann", **fields: Any) -> None:
    """An event that waits to be folded."""
    event_id = f"e{client.incr('test:events')}"
    event = told(kind, datetime.now(UTC), event_id, account_id=account_id, **fields)
    client.xadd(keyspace.EVENTS, {"e": json.dumps(event)})


def salary(client: redis.Redis, account_id: str = "ann", balance_minor: int = 300_000) -> None:
    happens(client, "transaction", account_id, counterparty="Employer", balance_minor=balance_minor)


def fold(client: redis.Redis, worker: Folding | None = None) -> None:
    """Fold all that waits."""
    begin(client)
    by = worker or folding(client)
    found: Any = client.xreadgroup(GROUP, by.consumer, {keyspace.EVENTS: ">"})
    by.apply([entry for _, some in found or () for entry in entries(some)])


def log(client: redis.Redis, account_id: str = "ann") -> list[Change]:
    """The changes of an account's alerts, oldest first."""
    found: Any = client.xrange(keyspace.alert_log(account_id))
    return [msgspec.json.decode(fields[b"c"], type=Change) for _, fields in found]


def statuses(client: redis.Redis, account_id: str = "ann") -> list[str]:
    return [change.status.value for change in log(client, account_id)]


def records(client: redis.Redis, account_id: str = "ann") -> tuple[AlertRecord, ...]:
    state: Any = client.get(keyspace.state(account_id))
    return unpack(state).alerts


def the_alert(client: redis.Redis, account_id: str = "ann") -> str:
    """The id of the one alert on record."""
    (record,) = records(client, account_id)
    return record.alert_id
