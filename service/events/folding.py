"""Folding events into accounts, each exactly once.

Read the states, fold in Python, and put them in place in one Lua step that also acknowledges. The
step does nothing for an account whose state is not the one that was read, or one of whose entries
was done by somebody else: then it is done again from what is there. So a worker may die anywhere,
two may hold the same entry, and a publication may come between: no list of applied ids is needed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import redis
from pydantic import ValidationError

from recommender import keyspace
from recommender.account import Account, pack, unpack
from recommender.catalogue import Catalogue
from recommender.errors import StateError
from recommender.events import Event, fold, parse_events
from recommender.tombstone import digest
from service.events.config import EventsConfig
from service.events.in_force import CatalogueInForce
from service.events.scripts import script
from service.events.stream import GROUP, Entry
from service.events.tally import WorkerTally

MOST_DEAD = 100_000
DAY_MS = 86_400_000

DONE, CHANGED = 0, 1

Told = tuple[Entry, Event]


class NoCatalogue(Exception):
    """Nothing is in force, so nothing can be folded yet."""


class Step(NamedTuple):
    """What one account's events make of its state. Empty bytes: no state, or the same as before."""

    account_id: str
    told: list[Told]
    read: bytes
    folded: bytes
    recent: list[bytes]

    def arguments(self) -> list[bytes | str | int]:
        ids = [entry.id for entry, _ in self.told]
        tombstone = digest(self.account_id)
        return [tombstone, self.read, self.folded, len(ids), *ids, len(self.recent), *self.recent]


@dataclass
class Folding:
    """One consumer of the group `fold`."""

    client: redis.Redis
    consumer: str
    config: EventsConfig
    tally: WorkerTally = field(default_factory=WorkerTally)
    in_force: CatalogueInForce = field(default_factory=CatalogueInForce)
    clock: Callable[[], float] = time.time
    effect: Callable[[Account, Event, Catalogue], Account] = fold

    def __post_init__(self) -> None:
        self._fold = self.client.register_script(script("fold"))
        self._bury = self.client.register_script(script("bury"))

    def apply(self, entries: list[Entry]) -> None:
        """Fold `entries`, all pending for this consumer, and acknowledge them.

        Raises NoCatalogue, or redis.RedisError; then what was not done is still pending.
        """
        done = [entry.id for entry in entries if entry.folded]
        if done:
            self.client.xack(keyspace.EVENTS, GROUP, *done)
            entries = [entry for entry in entries if not entry.folded]
        waiting: dict[str, list[Told]] = {}
        for entry, event in zip(entries, parse_events([one.text for one in entries]), strict=True):
            if isinstance(event, ValidationError):
                self._dead(entry, f"unreadable: {event.error_count()} mistakes", logged=False)
            else:
                waiting.setdefault(event.account_id, []).append((entry, event))
        while waiting:
            waiting = self._attempt(waiting)

    def _attempt(self, waiting: dict[str, list[Told]]) -> dict[str, list[Told]]:
        """One round over all accounts; those that must be done again."""
        steps = self._steps(waiting)
        if not steps:
            return {}
        names = [step.account_id for step in steps]
        keys = [key for name in names for key in (keyspace.state(name), keyspace.recent(name))]
        config = self.config
        settings = (GROUP, self.consumer, config.keep_days * DAY_MS, config.keep_most)
        arguments = [word for step in steps for word in step.arguments()]
        said: Any = self._fold([keyspace.EVENTS, keyspace.ERASED, *keys], [*settings, *arguments])
        again = {}
        for step, outcome in zip(steps, said, strict=True):
            if outcome == DONE:
                self._count(step)
                continue
            self.tally.conflicts += 1
            told = step.told if outcome == CHANGED else self._still_pending(step.told)
            if told:
                again[step.account_id] = told
        return again

    def _steps(self, waiting: dict[str, list[Told]]) -> list[Step]:
        states: Any = self.client.mget([keyspace.LIVE, *map(keyspace.state, waiting)])
        self.in_force.saw(self.client, states[0])
        catalogue = self.in_force.catalogue
        if catalogue is None:
            raise NoCatalogue
        made = (
            self._step(account_id, told, read, catalogue)
            for (account_id, told), read in zip(waiting.items(), states[1:], strict=True)
        )
        return [step for step in made if step is not None]

    def _step(
        self, account_id: str, told: list[Told], read: bytes | None, catalogue: Catalogue
    ) -> Step | None:
        """None when each of its events turned out to be poisoned."""
        account = self._account(account_id, read)
        if isinstance(account, StateError):
            for entry, _ in told:
                self._dead(entry, str(account), logged=True)
            return None
        if account is None:
            return Step(account_id, told, b"", b"", [])
        before, sound, recent = account, [], []
        for entry, event in told:
            try:
                after = self.effect(account, event, catalogue)
            except Exception as error:  # noqa: BLE001  # whatever it is, the others must go on
                self._dead(entry, f"cannot be folded: {error!r}", logged=True)
                continue
            sound.append((entry, event))
            if after is not account:
                recent.append(entry.text)
            account = after
        if not sound:
            return None
        folded = pack(account) if account is not before else b""
        return Step(account_id, sound, read or b"", folded, recent)

    def _account(self, account_id: str, read: bytes | None) -> Account | StateError | None:
        """None for somebody who was never published: we do not know that we may know them."""
        if read is None:
            return Account.unknown(account_id) if self.config.create_accounts else None
        try:
            return unpack(read)
        except StateError as error:
            return error

    def _still_pending(self, told: list[Told]) -> list[Told]:
        """Those entries that nobody else has done."""
        pipeline = self.client.pipeline(transaction=False)
        for entry, _ in told:
            pipeline.xpending_range(keyspace.EVENTS, GROUP, entry.id, entry.id, 1)
        return [one for one, found in zip(told, pipeline.execute(), strict=True) if found]

    def _dead(self, entry: Entry, reason: str, *, logged: bool) -> None:
        keys = [keyspace.EVENTS, keyspace.EVENTS_DEAD]
        told: list[str | bytes | int] = [GROUP, entry.id, entry.text, reason[:500]]
        if self._bury(keys, [*told, int(logged), MOST_DEAD]):
            self.tally.buried += 1

    def _count(self, step: Step) -> None:
        now = self.clock()
        for entry, _ in step.told:
            self.tally.delayed(max(0.0, now - entry.arrived_ms / 1000))
        if step.read or step.folded:
            self.tally.folded += len(step.told)
        else:
            self.tally.unknown += len(step.told)
