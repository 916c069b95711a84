"""From a batch to the stream in one round trip: accepted means that Redis has it.

Nothing is sent twice. When an answer fails to come the sender is told so and sends the batch
again; what had arrived is then a duplicate.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from recommender import keyspace
from recommender.catalogue import Catalogue
from recommender.tombstone import digest
from service.auth.caller import Caller
from service.errors import Backlog, EventsUnavailable
from service.events.batch import Bad, Border, Good, read_batch
from service.events.config import EventsConfig
from service.events.scripts import script
from service.store.link import FAILURES, RedisConfig
from service.store.script_link import ScriptLink

logger = logging.getLogger(__name__)

ACCEPTED, DUPLICATE, REJECTED = "accepted", "duplicate", "rejected"

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

    def __post_init__(self) -> None:
        self._scripts = ScriptLink(self.redis, script("ingest"), self.config.timeout_ms)

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
        await self._scripts.close()

    async def _send(self, good: list[Good], now: float) -> str:
        """`1` for each event that is new and `0` for each that is not."""
        try:
            said = await self._ingest(good, now)
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

    async def _ingest(self, good: list[Good], now: float) -> list[Any]:
        """What the script says: how many wait and, if it took them, what became of each."""
        config = self.config
        lasts_s = config.window_s + config.ahead_s
        window = int(now // lasts_s)
        seen = (keyspace.seen(window), keyspace.seen(window - 1))
        events = (
            *[id_digest(one.event_id) for one in good],
            *[digest(one.account_id) for one in good],
            *[one.text for one in good],
        )
        async with self._scripts.turn() as link:
            said: list[Any] = await self._scripts.run(
                link,
                (keyspace.EVENTS, *seen, keyspace.ERASED),
                (config.backlog, 2 * lasts_s, *events),
                on_disk=config.on_disk,
            )
        return said

    def _count(self, results: list[Result]) -> None:
        statuses = Counter(result["status"] for result in results)
        self.tally.accepted += statuses[ACCEPTED]
        self.tally.duplicate += statuses[DUPLICATE]
        self.tally.rejected += statuses[REJECTED]


def id_digest(event_id: str) -> bytes:
    """Ids are the senders' choice: one that names its account must not outlive it in Redis."""
    return hashlib.blake2b(event_id.encode(), digest_size=16).digest()


def _result(verdict: Good | Bad, taken: str) -> Result:
    known: Result = {"position": verdict.position, "event_id": verdict.event_id}
    if isinstance(verdict, Bad):
        return {**known, "status": REJECTED, "reason": verdict.reason}
    return {**known, "status": ACCEPTED if taken == "1" else DUPLICATE}
