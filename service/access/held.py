"""What Redis holds about one person, part by part, each with what it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import redis

from recommender import keyspace
from recommender.account import unpack
from recommender.errors import StateError
from service.decision_log.stream import waiting_about
from service.erasure.held import deliveries_about, events_about, keys_of
from service.finished import body_in
from service.named import named

Json = dict[str, Any]

ABOUT: Final = {
    "state": "what is known about you, which every answer rests on: profile, products, interests "
    "by what you looked at, what was shown to you and when (contacts), open cases, balance, "
    "payments ahead, and what recurs in your bookings (finances, and ahead what follows from it)",
    "recent_events": "what you did lately, beside the state until the company's tables have it too",
    "events_waiting": "what you did a moment ago, or what the event log does not have yet",
    "dead_letters": "what you did that could not be taken in, and why",
    "answers": "answers that were made for you, ready to be shown",
    "alerts": "what became of your alerts, for whoever watches them live",
    "alerts_due": "when your alerts are looked at next",
    "webhooks_waiting": "alerts of yours on their way to a system of the company, and which",
    "webhooks_dead": "the same where that system could not be reached, and why",
    "decisions_waiting": "answers that you were shown, on their way to the decision log",
}
"""Each part, and what a person is told that it is."""

ELSEWHERE: Final = {
    "event_log": "what you did since you were first seen; `raak export` adds it",
    "decision_log": "what you were shown, when and from what; `raak export` adds it",
    "tables": "the company's own tables of customers, from which all of this is made, are not "
    "part of this service",
}


class Part(msgspec.Struct, frozen=True):
    about: str
    content: Any


class Export(msgspec.Struct, frozen=True):
    """Everything in `parts` is about this one account. `elsewhere`: what is not in here, and why.

    A part that is empty is there all the same: nothing of that sort is held.
    """

    account_id: str
    as_of: datetime
    parts: dict[str, Part]
    elsewhere: dict[str, str]

    @property
    def empty(self) -> bool:
        return not any(part.content for part in self.parts.values())


def held_in_redis(client: redis.Redis, account_id: str) -> Export:
    """Raises redis.RedisError."""
    answers = [
        _answer(key, content)
        for key, kind in keys_of(client, account_id)
        if kind == "decision" and isinstance(content := client.get(key), bytes)
    ]
    holds = {
        "state": _state(client.get(keyspace.state(account_id))),
        "recent_events": list(map(_readable, _recent(client, account_id))),
        "events_waiting": list(_events(client, keyspace.EVENTS, account_id)),
        "dead_letters": list(_events(client, keyspace.EVENTS_DEAD, account_id)),
        "answers": answers,
        "alerts": list(_alerts(client, account_id)),
        "alerts_due": _due(client, account_id),
        "webhooks_waiting": list(map(_readable, _deliveries(client, account_id))),
        "webhooks_dead": list(_events(client, keyspace.WEBHOOKS_DEAD, account_id, "delivery")),
        "decisions_waiting": [
            {**asked_in(one.key), "answer": _readable(one.body)}
            for one in waiting_about(client, account_id)
        ],
    }
    parts = {name: Part(about, holds[name]) for name, about in ABOUT.items()}
    return Export(account_id, datetime.now(UTC), parts, ELSEWHERE)


def logs_kept(client: redis.Redis) -> bool:
    """Whether there are logs at all, which may hold rows about anybody."""
    return bool(client.exists(keyspace.EVENTS_LOGGED, keyspace.DECISIONS_LOGGED))


def with_logs(held: Export, logs: dict[str, Part]) -> Export:
    """What Redis and these logs hold; logs that are not among them stay elsewhere."""
    elsewhere = {name: said for name, said in held.elsewhere.items() if name not in logs}
    return Export(held.account_id, held.as_of, {**held.parts, **logs}, elsewhere)


def readable_state(state: bytes) -> Any:
    """By name; what this version cannot read is handed over as it is."""
    try:
        return named(unpack(state))
    except StateError:
        return state


def asked_in(decision_key: str) -> Json:
    """What was asked, without whose it was."""
    asked = keyspace.asked(decision_key)._asdict()
    del asked["account_id"]
    return asked


def _state(found: Any) -> Any:
    return None if found is None else readable_state(found)


def _answer(key: str, sealed: bytes) -> Json:
    return {**asked_in(key), "answer": _readable(body_in(sealed))}


def _recent(client: redis.Redis, account_id: str) -> list[bytes]:
    found: Any = client.lrange(keyspace.recent(account_id), 0, -1)
    events: list[bytes] = found
    return events


def _alerts(client: redis.Redis, account_id: str) -> Iterator[Any]:
    found: Any = client.xrange(keyspace.alert_log(account_id))
    return (_readable(fields.get(b"c", b"")) for _, fields in found)


def _deliveries(client: redis.Redis, account_id: str) -> dict[bytes, None]:
    """One may go from queue to queue while they are read."""
    found = deliveries_about(client, account_id)
    return dict.fromkeys(one for _, theirs in found for one in theirs)


def _due(client: redis.Redis, account_id: str) -> datetime | None:
    at: Any = client.zscore(keyspace.ALERTS_DUE, account_id)
    return None if at is None else datetime.fromtimestamp(at, UTC)


def _events(
    client: redis.Redis, stream: str, account_id: str, what: str = "event"
) -> Iterator[Any]:
    for page in events_about(client, stream, account_id):
        for _, fields in page:
            event = _readable(fields.get(b"e", b""))
            reason = fields.get(b"reason")
            if reason is None:
                yield event
            else:
                yield {"reason": reason.decode("utf-8", "replace"), what: event}


def _readable(content: bytes) -> Any:
    """What is no JSON as text."""
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return content.decode("utf-8", "replace")
