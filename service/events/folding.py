"""Folding events into accounts, each exactly once.

Read the states, fold in Python, and put them in place in one Lua step that also acknowledges. The
step does nothing for an account whose state is not the one that was read, or one of whose entries
was done by somebody else: then it is done again from what is there. So a worker may die anywhere,
two may hold the same entry, and a publication may come between: no list of applied ids is needed.

After its events an account's alerts are brought up to date, in the same step; with no events at
all, that is how time is told to them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Final, NamedTuple

import msgspec
import redis
from pydantic import ValidationError

from recommender import keyspace
from recommender.account import Account, pack, unpack
from recommender.alerts.lookout import Lookout
from recommender.catalogue import Catalogue
from recommender.errors import StateError
from recommender.events import Event, fold, parse_events
from recommender.events.kinds import AboutAlert
from recommender.tombstone import digest
from service.alerts.config import AlertsConfig
from service.events.config import EventsConfig
from service.events.in_force import CatalogueInForce
from service.events.news import NO_NEWS, News, alerted, news_of
from service.events.scripts import script
from service.events.stream import GROUP, Entry
from service.events.tally import WorkerTally

logger = logging.getLogger(__name__)

SHARED = (
    keyspace.EVENTS,
    keyspace.ERASED,
    keyspace.ALERTS_BELL,
    keyspace.ALERTS_DUE,
    keyspace.WEBHOOKS,
)
"""Keys of the step that belong to no account."""

MOST_DEAD = 100_000
DAY_MS = 86_400_000

DONE, CHANGED = 0, 1

Told = tuple[Entry, Event]

_packer: Final = msgspec.msgpack.Encoder()


class NoCatalogue(Exception):
    """Nothing is in force, so nothing can be folded yet."""


class Step(NamedTuple):
    """What one account's events make of its state. Empty bytes: no state, or the same as before."""

    account_id: str
    told: list[Told]
    read: bytes
    folded: bytes = b""
    recent: Sequence[bytes] = ()
    news: News = NO_NEWS

    def own_keys(self) -> tuple[str, str]:
        return keyspace.state(self.account_id), keyspace.recent(self.account_id)

    def words(self) -> tuple[object, ...]:
        """As the script reads it; an empty list is None."""
        return (
            self.account_id,
            _raw(digest(self.account_id)),
            _raw(self.read),
            _raw(self.folded),
            self.news.turns,
            [entry.id for entry, _ in self.told] or None,
            [_raw(event) for event in self.recent] or None,
            [_raw(change) for change in self.news.changes] or None,
            [_raw(one) if isinstance(one, bytes) else one for one in self.news.deliveries] or None,
        )


def _raw(word: bytes) -> msgspec.Raw:
    """As MessagePack's `str 32`: the scripts' MessagePack is older than its type for bytes."""
    return msgspec.Raw(b"\xdb" + len(word).to_bytes(4, "big") + word)


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
    alerts: AlertsConfig = field(default_factory=AlertsConfig)
    webhooks: tuple[str, ...] = ()
    """The addresses that changes of alerts are pushed to."""

    def __post_init__(self) -> None:
        self._fold = self.client.register_script(script("fold"))
        self._bury = self.client.register_script(script("bury"))

    def apply(self, entries: list[Entry]) -> None:
        """Fold `entries`, all pending for this consumer, and acknowledge them.

        Raises NoCatalogue, or redis.RedisError; then what was not done is still pending.
        """
        waiting: dict[str, list[Told]] = {}
        for entry, event in zip(entries, parse_events([one.text for one in entries]), strict=True):
            if isinstance(event, ValidationError):
                self._dead(entry, f"unreadable: {event.error_count()} mistakes", logged=False)
            elif entry.folded:  # but its alerts are not
                waiting.setdefault(event.account_id, [])
            else:
                waiting.setdefault(event.account_id, []).append((entry, event))
        self._finish(waiting)
        done = [entry.id for entry in entries if entry.folded]
        if done:
            self.client.xack(keyspace.EVENTS, GROUP, *done)

    def bring_up_to_date(self, account_ids: Iterable[str]) -> None:
        """Tell these accounts' alerts what time it is. Raises as `apply`."""
        self._finish({account_id: [] for account_id in account_ids})

    def _finish(self, waiting: dict[str, list[Told]]) -> None:
        while waiting:
            waiting = self._attempt(waiting)

    def _attempt(self, waiting: dict[str, list[Told]]) -> dict[str, list[Told]]:
        """One round over all accounts; those that must be done again."""
        steps = self._steps(waiting)
        if not steps:
            return {}
        keys = [*SHARED, *chain.from_iterable(step.own_keys() for step in steps)]
        keys += [keyspace.alert_log(step.account_id) for step in steps if step.news.changes]
        # one argument: a client takes longer to count out thousands than to pack them
        packed = _packer.encode([step.words() for step in steps])
        said: Any = self._fold(keys, [*self._settings(), packed])
        now = self.clock()
        again = {}
        for step, outcome in zip(steps, said, strict=True):
            if outcome == DONE:
                self._count(step, now)
                continue
            self.tally.conflicts += 1
            if outcome == CHANGED:
                again[step.account_id] = step.told
            elif told := self._still_pending(step.told):
                again[step.account_id] = told
        return again

    def _settings(self) -> tuple[str | int, ...]:
        recent = (self.config.keep_days * DAY_MS, self.config.keep_most)
        logged = (self.alerts.log_days * DAY_MS, self.alerts.log_most)
        return (GROUP, self.consumer, *recent, *logged)

    def _steps(self, waiting: dict[str, list[Told]]) -> list[Step]:
        states: Any = self.client.mget([keyspace.LIVE, *map(keyspace.state, waiting)])
        self.in_force.saw(self.client, states[0])
        catalogue, lookout = self.in_force.catalogue, self.in_force.lookout
        if catalogue is None or lookout is None:
            raise NoCatalogue
        now = datetime.fromtimestamp(self.clock(), UTC)
        made = [
            self._step(account_id, told, read, lookout, now)
            for (account_id, told), read in zip(waiting.items(), states[1:], strict=True)
        ]
        return [step for step in made if step is not None]

    def _step(
        self,
        account_id: str,
        told: list[Told],
        read: bytes | None,
        lookout: Lookout,
        now: datetime,
    ) -> Step | None:
        """None when each of its events turned out to be poisoned."""
        account = self._account(account_id, read)
        if isinstance(account, StateError):
            for entry, _ in told:
                self._dead(entry, str(account), logged=True)
            return None if told else Step(account_id, told, read or b"")
        if account is None:
            return Step(account_id, told, b"")
        before = account
        if any(isinstance(event, AboutAlert) for _, event in told):
            # what was shown before any worker had seen it is on record before it is answered
            account, _ = self._looked_after(account, account, now, lookout)
        account, sound, recent = self._folded(account, told, lookout.catalogue)
        if told and not sound:
            return None
        account, news = self._looked_after(account, before, now, lookout)
        changed = pack(account) if account is not before else b""
        return Step(account_id, sound, read or b"", changed, recent, news)

    def _looked_after(
        self, account: Account, before: Account, now: datetime, lookout: Lookout
    ) -> tuple[Account, News]:
        """With its alerts as they are now, and what there is to tell of them.

        Events count whatever is wrong with alerts, which then stay as they were.
        """
        try:
            after = alerted(account, before, now, lookout)
            return after, news_of(after, before, now, lookout, self.webhooks)
        except Exception:  # only the first leaves its traceback
            if not self.tally.alert_faults:
                logger.exception("a fault in alerts: they stay as they were")
            self.tally.alert_faults += 1
            return account, NO_NEWS

    def _folded(
        self, account: Account, told: list[Told], catalogue: Catalogue
    ) -> tuple[Account, list[Told], list[bytes]]:
        """The account after its events, those that could be folded, and those that counted."""
        sound, recent = [], []
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
        return account, sound, recent

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

    def _count(self, step: Step, now: float) -> None:
        for entry, _ in step.told:
            self.tally.delayed(max(0.0, now - entry.arrived_ms / 1000))
        if step.read or step.folded:
            self.tally.folded += len(step.told)
        else:
            self.tally.unknown += len(step.told)
