"""Writing states out of tables without undoing what happened since the tables were made.

Beside each state lie the events that were folded into it lately. What the tables do not have of
them is folded again into what the tables say; a state to which one more came meanwhile is made
again.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import redis
from pydantic import ValidationError

from recommender import keyspace
from recommender.account import Account, pack
from recommender.catalogue import Catalogue
from recommender.events import fold, parse_events
from recommender.tombstone import digest
from service.events.scripts import script

BEGINNING = datetime.min.replace(tzinfo=UTC)


CHANGED, WRITTEN = 0, 1
"""What the step said of an account; 2: it was erased."""


@dataclass(frozen=True, slots=True)
class Known:
    """Which events since `since` the tables have, by id; all before it they are taken to have."""

    since: datetime = BEGINNING
    event_ids: AbstractSet[str] = frozenset()


NONE_KNOWN = Known()
"""Tables that were made by hand, say: whatever happened lately, they do not have it."""


def write_states(
    client: redis.Redis, accounts: list[Account], catalogue: Catalogue, known: Known
) -> list[tuple[Account, bytes]]:
    """Each account as it was written, and its state's bytes; the erased are left out.

    Raises redis.RedisError.
    """
    put = client.register_script(script("publish"))
    written: list[tuple[Account, bytes]] = []
    while accounts:
        recent = _recent(client, accounts)
        made = [
            _with_recent(account, events, catalogue, known)
            for account, events in zip(accounts, recent, strict=True)
        ]
        states = [pack(account) for account in made]
        keys = [
            key
            for account in accounts
            for key in (keyspace.state(account.account_id), keyspace.recent(account.account_id))
        ]
        arguments = [
            word
            for account, events, state in zip(accounts, recent, states, strict=True)
            for word in (events[-1] if events else b"", state, digest(account.account_id))
        ]
        said: Any = put([keyspace.ERASED, *keys], arguments)
        done = [int(outcome) for outcome in said]
        pairs = zip(made, states, strict=True)
        written += [pair for pair, ok in zip(pairs, done, strict=True) if ok == WRITTEN]
        accounts = [account for account, ok in zip(accounts, done, strict=True) if ok == CHANGED]
    return written


def _recent(client: redis.Redis, accounts: list[Account]) -> list[list[bytes]]:
    with client.pipeline(transaction=False) as pipeline:
        for account in accounts:
            pipeline.lrange(keyspace.recent(account.account_id), 0, -1)
        found: list[list[bytes]] = pipeline.execute()
    return found


def _with_recent(
    account: Account, events: list[bytes], catalogue: Catalogue, known: Known
) -> Account:
    for event in parse_events(events) if events else ():
        if isinstance(event, ValidationError):  # of a version before this one
            continue
        if event.at >= known.since and event.event_id not in known.event_ids:
            account = fold(account, event, catalogue)
    return account
