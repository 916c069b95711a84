"""Events whose effect is there before the answer is: what a person asks for, what is shown.

The state is folded here and written together with the events, in one step that does nothing if
somebody else changed the state meanwhile; then it is folded again from what is there. The events
go the way of all others, to the log and to the next publication; workers do not fold them again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from recommender import keyspace
from recommender.account import Account, pack, unpack
from recommender.catalogue import Catalogue
from recommender.errors import StateError
from recommender.events import Event, fold
from recommender.tombstone import digest
from service.errors import EventsUnavailable, NotFound
from service.events.config import EventsConfig
from service.events.folding import DAY_MS
from service.events.ingestion import id_digest
from service.events.scripts import script
from service.store.link import FAILURES, Link, RedisConfig
from service.store.script_link import ScriptLink
from service.store.writes import Command

logger = logging.getLogger(__name__)

MOST_ATTEMPTS: Final = 100
"""Each but the last failed because somebody else succeeded."""
DONE, ERASED = -1, -3
"""Anything else: the state changed meanwhile, or one of the events was taken meanwhile."""

Tell = Callable[[Account, frozenset[str]], Sequence[Event]]
"""What happens to an account as it stands; the ids are of events that were taken before."""


class AtOnce:
    """Folds events into one account and waits until they are."""

    def __init__(
        self, redis: RedisConfig, config: EventsConfig, clock: Callable[[], float] = time.time
    ) -> None:
        self.clock = clock
        self._config = config
        self._scripts = ScriptLink(redis, script("act"), config.timeout_ms)

    async def act(
        self, account_id: str, catalogue: Catalogue, tell: Tell, event_ids: Sequence[str] = ()
    ) -> Account:
        """The account after the events that `tell` makes of it, each counted once.

        `tell` is asked again whenever the account is another than it was told about. It is told
        which of `event_ids` were taken before.

        Raises:
            NotFound: nobody knows the account, or it was erased.
            EventsUnavailable: Redis did not say that it is done; doing it again does no harm.
        """
        try:
            async with self._scripts.turn() as link:
                return await self._act(link, account_id, catalogue, tell, event_ids)
        except FAILURES as error:
            logger.warning("a change may not have been made: %r", error)
            raise EventsUnavailable("this may not have been done; send it again") from None

    async def stop(self) -> None:
        await self._scripts.close()

    async def _act(
        self,
        link: Link,
        account_id: str,
        catalogue: Catalogue,
        tell: Tell,
        event_ids: Sequence[str],
    ) -> Account:
        for _ in range(MOST_ATTEMPTS):
            before = await self._taken(link, event_ids)
            read: bytes | None = await link.exchange(("GET", keyspace.state(account_id)))
            account = _known(account_id, read)
            events = tell(account, before)
            after = account
            for event in events:
                after = fold(after, event, catalogue)
            if not events:
                return account
            outcome = await self._put(link, account_id, read or b"", after, events)
            if outcome == DONE:
                return after
            if outcome == ERASED:
                raise NotFound
        raise TimeoutError(f"{account_id[:8]}... changed {MOST_ATTEMPTS} times meanwhile")

    async def _taken(self, link: Link, event_ids: Sequence[str]) -> frozenset[str]:
        """Those on record: asked before the state, so that none is counted by it unseen."""
        if not event_ids:
            return frozenset()
        digests = [id_digest(event_id) for event_id in event_ids]
        asked: list[Command] = [("SMISMEMBER", seen, *digests) for seen in self._seen()]
        lately: list[int] = await link.exchange(*asked)
        earlier: list[int] = await link.reply()
        flags = zip(event_ids, lately, earlier, strict=True)
        return frozenset(event_id for event_id, *found in flags if any(found))

    def _kept_s(self) -> int:
        return self._config.window_s + self._config.ahead_s

    def _seen(self) -> tuple[str, str]:
        window = int(self.clock() // self._kept_s())
        return keyspace.seen(window), keyspace.seen(window - 1)

    async def _put(
        self, link: Link, account_id: str, read: bytes, after: Account, events: Sequence[Event]
    ) -> int:
        config = self._config
        keys = (
            keyspace.EVENTS,
            *self._seen(),
            keyspace.ERASED,
            keyspace.state(account_id),
            keyspace.recent(account_id),
        )
        texts = [
            word
            for event in events
            for word in (id_digest(event.event_id), event.model_dump_json(exclude_unset=True))
        ]
        said = await self._scripts.run(
            link,
            keys,
            (
                2 * self._kept_s(),
                config.keep_days * DAY_MS,
                config.keep_most,
                digest(account_id),
                read,
                pack(after),
                *texts,
            ),
            on_disk=config.on_disk,
        )
        return int(said)


def _known(account_id: str, read: bytes | None) -> Account:
    if read is None:
        raise NotFound
    try:
        return unpack(read)
    except StateError as error:
        logger.warning("%s", error)
        raise EventsUnavailable(f"the state of {account_id} cannot be read") from None
