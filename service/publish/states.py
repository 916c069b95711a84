"""Writing states out of tables without undoing what happened since the tables were made.

Beside each state lie the events that were folded into it lately. What the tables do not have of
them is folded again into what the tables say; a state to which one more came meanwhile is made
again. Bookings go by their day instead, as the event log makes no transactions of its events: what
comes after the tables' last booking of an account is new. What people told us themselves, whenever
that was, is carried over from the state before, and so is what became of their alerts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import msgspec
import redis
from pydantic import ValidationError

from recommender import keyspace
from recommender.account import Account, pack, unpack
from recommender.catalogue import Catalogue
from recommender.catalogue.alerts import zone_of
from recommender.errors import StateError
from recommender.events import Event, carried, fold, parse_events
from recommender.events.kinds import Transaction
from recommender.money.look_ahead import looked_ahead, standing
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

    def lacks(self, event: Event) -> bool:
        return event.at >= self.since and event.event_id not in self.event_ids


NONE_KNOWN = Known()
"""Tables that were made by hand, say: whatever happened lately, they do not have it."""


def write_states(
    client: redis.Redis,
    accounts: list[Account],
    catalogue: Catalogue,
    known: Known,
    at: datetime,
) -> list[tuple[Account, bytes]]:
    """Each account as it was written, and its state's bytes; the erased are left out.

    Raises redis.RedisError.
    """
    put = client.register_script(script("publish"))
    day = at.astimezone(zone_of(catalogue.timezone)).date()
    written: list[tuple[Account, bytes]] = []
    while accounts:
        before = _before(client, accounts)
        made = [
            _with_recent(_carried(account, one.state, catalogue), one.recent, catalogue, known, day)
            for account, one in zip(accounts, before, strict=True)
        ]
        states = [pack(account) for account in made]
        keys = [
            key
            for account in accounts
            for key in (keyspace.state(account.account_id), keyspace.recent(account.account_id))
        ]
        arguments = [
            word
            for account, one, state in zip(accounts, before, states, strict=True)
            for word in (*one.marks, state, digest(account.account_id))
        ]
        said: Any = put([keyspace.ERASED, *keys], arguments)
        done = [int(outcome) for outcome in said]
        pairs = zip(made, states, strict=True)
        written += [pair for pair, ok in zip(pairs, done, strict=True) if ok == WRITTEN]
        accounts = [account for account, ok in zip(accounts, done, strict=True) if ok == CHANGED]
    return written


class Before(NamedTuple):
    """What there is of an account: its state, if any, and the events folded into it lately."""

    state: bytes | None
    recent: list[bytes]

    @property
    def marks(self) -> tuple[bytes, str]:
        """By which the step knows whether it is still so."""
        last = self.recent[-1] if self.recent else b""
        if self.state is None:
            return last, ""
        return last, hashlib.sha1(self.state, usedforsecurity=False).hexdigest()


def _before(client: redis.Redis, accounts: list[Account]) -> list[Before]:
    with client.pipeline(transaction=False) as pipeline:
        for account in accounts:
            pipeline.get(keyspace.state(account.account_id))
            pipeline.lrange(keyspace.recent(account.account_id), 0, -1)
        found = iter(pipeline.execute())
    return [Before(state, next(found)) for state in found]


def _carried(account: Account, state: bytes | None, catalogue: Catalogue) -> Account:
    """With what the state before, where that can be read, knows newer than any table; and a
    shortfall that was ahead stays so as long as it would have stayed there.
    """
    if state is None:
        return account
    try:
        before = unpack(state)
    except StateError:
        return account
    kept = carried(account, before, catalogue)
    ahead = None if kept.ahead is None else standing(kept.ahead, before.ahead)
    return kept if ahead == kept.ahead else msgspec.structs.replace(kept, ahead=ahead)


def _with_recent(
    account: Account, events: list[bytes], catalogue: Catalogue, known: Known, day: date
) -> Account:
    before = account
    for event in parse_events(events) if events else ():
        if isinstance(event, ValidationError):  # of a version before this one
            continue
        # Of bookings `fold` knows which the tables have.
        if isinstance(event, Transaction) or known.lacks(event):
            account = fold(account, event, catalogue)
    return looked_ahead(account, before, day, catalogue.currency)
