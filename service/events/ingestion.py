"""From a batch to the stream in one round trip: accepted means that Redis has it.

Nothing is sent twice. When an answer fails to come the sender is told so and sends the batch
again; what had arrived is then a duplicate.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import NoScriptError

from recommender import keyspace
from recommender.catalogue import Catalogue
from recommender.tombstone import digest
from service.auth.caller import Caller
from service.errors import Backlog, EventsUnavailable
from service.events.batch import Bad, Border, Good, read_batch
from service.events.config import EventsConfig
from service.events.scripts import script
from service.store.link import FAILURES, Link, RedisConfig
from service.store.writes import Command

logger = logging.getLogger(__name__)

ACCEPTED, DUPLICATE, REJECTED = "accepted", "duplicate", "rejected"
_SCRIPT = script("ingest")
_SHA = hashlib.sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()

Result = dict[str, str | int | None]


@dataclass(slots=True)
class IngestTally:
    """Since the start of this process. `waiting`: events on the stream at the last batch.

    `erased`: those of the accepted that were dropped, being of accounts that were erased.
    """

    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    erased: int = 0
    turned_away: int = 0
    failed: int = 0
    waiting: int = 0


@dataclass
class Ingestion:
    """Takes batches. Has a link of its own, so that no reader waits behind one."""

    redis: RedisConfig
    config: EventsConfig
    clock: Callable[[], float] = time.time
    tally: IngestTally = field(default_factory=IngestTally)
    _link: Link | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def take(self, body: bytes, catalogue: Catalogue, caller: Caller) -> list[Result]:
        """What became of each event, in their order.

        Raises BadRequest (no batch at all), Backlog (too much waits for the workers) and
        EventsUnavailable (Redis did not say that it has them); then nothing may be assumed taken.
        """
        now = self.clock()
        verdicts = read_batch(body, Border.at(now, catalogue, self.config, caller))
        good = [one for one in verdicts if isinstance(one, Good)]
        taken = iter(await self._send(good, now)) if good else iter("")
        results = [_result(one, next(taken) if isinstance(one, Good) else "") for one in verdicts]
        self._count(results)
        return results

    async def stop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def _send(self, good: list[Good], now: float) -> str:
        """`1` for each event that is new and `0` for each that is not."""
        commands = self._commands(good, now)
        try:
            async with asyncio.timeout(self.config.timeout_ms / 1000), self._turn:
                said = await self._exchange(commands)
        except FAILURES as error:
            self.tally.failed += 1
            logger.warning("a batch of events may not have been taken: %r", error)
            raise EventsUnavailable("the events may not have been taken; send them again") from None
        self.tally.waiting, *taken = said
        if not taken:
            self.tally.turned_away += 1
            raise Backlog("too many events wait to be folded; come back later")
        flags, erased = taken
        self.tally.erased += erased
        return str(flags, "ascii")

    async def _exchange(self, commands: tuple[Command, ...]) -> list[Any]:
        """A link on which anything went wrong, a cancelled request included, is never used again:
        the next batch would read this one's reply.
        """
        link, self._link = self._link, None
        try:
            if link is None:
                link = await Link.open(self.redis, self.config.timeout_ms)
            said = await self._ask(link, commands)
        except BaseException:
            if link is not None:
                await link.close()
            raise
        self._link = link
        return said

    async def _ask(self, link: Link, commands: tuple[Command, ...]) -> list[Any]:
        try:
            said: list[Any] = await link.exchange(*commands)
        except NoScriptError:  # it did not run, so it may run again
            for _ in commands[1:]:
                await link.reply()
            await link.exchange(("SCRIPT", "LOAD", _SCRIPT))
            said = await link.exchange(*commands)
        if len(commands) > 1:
            on_disk, _ = await link.reply()
            if not on_disk:
                raise TimeoutError("Redis has the events, but not on disk")
        return said

    def _commands(self, good: list[Good], now: float) -> tuple[Command, ...]:
        config = self.config
        lasts_s = config.window_s + config.ahead_s
        window = int(now // lasts_s)
        seen = (keyspace.seen(window), keyspace.seen(window - 1))
        keys = (keyspace.EVENTS, *seen, keyspace.ERASED)
        events = [
            word
            for one in good
            for word in (_id_digest(one.event_id), digest(one.account_id), one.text)
        ]
        batch: Command = ("EVALSHA", _SHA, len(keys), *keys, config.backlog, 2 * lasts_s, *events)
        return (batch, ("WAITAOF", 1, 0, config.timeout_ms)) if config.on_disk else (batch,)

    def _count(self, results: list[Result]) -> None:
        statuses = Counter(result["status"] for result in results)
        self.tally.accepted += statuses[ACCEPTED]
        self.tally.duplicate += statuses[DUPLICATE]
        self.tally.rejected += statuses[REJECTED]


def _id_digest(event_id: str) -> bytes:
    """Ids are the senders' choice: one that names its account must not outlive it in Redis."""
    return hashlib.blake2b(event_id.encode(), digest_size=16).digest()


def _result(verdict: Good | Bad, taken: str) -> Result:
    known: Result = {"position": verdict.position, "event_id": verdict.event_id}
    if isinstance(verdict, Bad):
        return {**known, "status": REJECTED, "reason": verdict.reason}
    return {**known, "status": ACCEPTED if taken == "1" else DUPLICATE}
