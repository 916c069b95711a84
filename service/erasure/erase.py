"""One account out of Redis, for good."""

from __future__ import annotations

import redis

from recommender import keyspace
from recommender.tombstone import digest
from service.decision_log.stream import take_out
from service.erasure.streams import (
    remove_alert_hints,
    remove_dead_letters,
    remove_events,
    remove_keys,
    remove_webhooks,
)


def erase_from_redis(client: redis.Redis, account_id: str) -> dict[str, int]:
    """Keep the account from coming back, then remove it. Doing it again does no harm.

    Returns how much was removed, by store. Raises redis.RedisError; then do it again.
    """
    client.sadd(keyspace.ERASED, digest(account_id))
    removed = {
        "events waiting": remove_events(client, account_id),
        "dead letters": remove_dead_letters(client, account_id),
        "webhooks": remove_webhooks(client, account_id),
        "decisions waiting": take_out(client, account_id),
    }
    remove_alert_hints(client, account_id)
    keys = remove_keys(client, account_id)
    return {
        "state": keys.pop("state"),
        "recent events": keys.pop("recent"),
        "answers": keys.pop("decision"),
        "alerts": keys.pop("alerts"),
        "other keys": sum(keys.values()),
        **removed,
    }
