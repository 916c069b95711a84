"""Removing an account from Redis: its keys, and what waits about it on the streams."""

from __future__ import annotations

import redis

from recommender import keyspace
from service.decision_log.stream import take_out
from service.erasure.held import deliveries_about, events_about, keys_of, pages
from service.events.stream import GROUP


def remove(client: redis.Redis, account_id: str) -> dict[str, int]:
    """How many were removed, by the fields of `Removed`."""
    # a dead letter may be on its way back onto the stream, and an event to the dead letters
    dead = _remove_entries(client, keyspace.EVENTS_DEAD, account_id)
    waiting = _remove_entries(client, keyspace.EVENTS, account_id, group=GROUP)
    dead += _remove_entries(client, keyspace.EVENTS_DEAD, account_id)
    _remove_alert_hints(client, account_id)
    webhooks = _remove_deliveries(client, account_id)
    webhooks += _remove_entries(client, keyspace.WEBHOOKS_DEAD, account_id)
    keys = _remove_keys(client, account_id)
    return {
        "state": keys.pop("state", 0),
        "recent_events": keys.pop("recent", 0),
        "answers": keys.pop("decision", 0),
        "alerts": keys.pop("alerts", 0),
        "webhooks": webhooks,
        "other_keys": sum(keys.values()),
        "events_waiting": waiting,
        "dead_letters": dead,
        "decisions_waiting": take_out(client, account_id),
    }


def _remove_alert_hints(client: redis.Redis, account_id: str) -> None:
    """Where workers and viewers are told to look at its alerts."""
    client.zrem(keyspace.ALERTS_DUE, account_id)
    for page in pages(client, keyspace.ALERTS_BELL):
        ids = [entry_id for entry_id, fields in page if fields.get(b"a") == account_id.encode()]
        if ids:
            client.xdel(keyspace.ALERTS_BELL, *ids)


def _remove_deliveries(client: redis.Redis, account_id: str) -> int:
    """Webhooks that wait to be sent."""
    waiting = deliveries_about(client, account_id)
    return sum(int(str(client.zrem(key, *theirs))) for key, theirs in waiting)


def _remove_keys(client: redis.Redis, account_id: str) -> dict[str, int]:
    """Of the recent events it is the events that count, of all else the keys."""
    removed: dict[str, int] = {}
    for key, kind in keys_of(client, account_id):
        number = int(str(client.llen(key))) if kind == "recent" else 1
        removed[kind] = removed.get(kind, 0) + number * int(str(client.unlink(key)))
    return removed


def _remove_entries(
    client: redis.Redis, stream: str, account_id: str, group: str | None = None
) -> int:
    removed = 0
    for page in events_about(client, stream, account_id):
        ids = [entry_id for entry_id, _ in page]
        with client.pipeline(transaction=True) as pipeline:
            if group is not None:  # or what is deleted would be pending for ever
                pipeline.xack(stream, group, *ids)
            pipeline.xdel(stream, *ids)
            removed += pipeline.execute()[-1]
    return removed
