"""Following what is in force: when the pointer moves, load, verify, try out, and only then swap.

A bundle that cannot be trusted is left where it is: the old one stays in force, and the failure
is logged and counted. One request is answered by one bundle from beginning to end.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from recommender import keyspace
from recommender.account import Account
from recommender.answer import answer, encode_answer
from recommender.decide import decide
from recommender.errors import ArtefactError, RaakError
from recommender.live import Live, read_bundle
from recommender.request import Request
from service.errors import StoreUnavailable
from service.live_copy import LiveCopy

logger = logging.getLogger(__name__)

RETRY_STORE_S = 1.0
RETRY_BROKEN_S = 30.0
"""A broken bundle seldom mends itself, and reading it costs time that requests could use."""

Fetch = Callable[[str], Awaitable[bytes | None]]


class Follower:
    """Holds what is in force. `saw` is told each pointer that a round trip to Redis saw.

    `pointer` is the last of those; None when Redis says that nothing is in force.
    """

    def __init__(
        self,
        fetch: Fetch,
        copy: LiveCopy | None = None,
        live: Live | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._copy = copy
        self._clock = clock
        self.live = live
        self.pointer: bytes | None = None
        self._in_force = live.version.encode() if live else b""
        self._refused: bytes = b""
        self._retry_at = 0.0
        self._loading: asyncio.Task[None] | None = None
        self.swaps = 0
        self.failures = 0

    def saw(self, pointer: bytes | None) -> None:
        self.pointer = pointer
        if pointer == self._in_force or pointer is None or self._loading is not None:
            return
        if pointer == self._refused and self._clock() < self._retry_at:
            return
        self._loading = asyncio.get_running_loop().create_task(self._load(pointer))

    async def settled(self) -> None:
        """Return when no bundle is being loaded."""
        if self._loading is not None:
            await asyncio.wait([self._loading])

    async def stop(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.wait([self._loading])

    async def fall_back(self) -> None:
        """With nothing in force: take the copy of the last good bundle, if there is one."""
        if self.live is not None or self._copy is None:
            return
        try:
            kept = await asyncio.to_thread(self._copy.read)
            if kept is not None:
                self._swap(await asyncio.to_thread(prove, *kept))
        except (RaakError, OSError) as error:
            self.failures += 1
            logger.warning("the copy of the last good bundle cannot be used: %s", error)
        except Exception:  # the last line of defence: without the copy we start all the same
            self.failures += 1
            logger.exception("a fault while reading the copy of the last good bundle")

    async def _load(self, pointer: bytes) -> None:
        try:
            version = pointer.decode("ascii")
            content = await self._fetched(version)
            live = await asyncio.to_thread(prove, version, content)
        except (RaakError, UnicodeDecodeError) as error:
            self._refuse(pointer, error)
        except Exception as error:  # the last line of defence: following must go on
            logger.exception("a fault while reading bundle %r", pointer[:64])
            self._refuse(pointer, error)
        else:
            self._swap(live)
            await self._keep(version, content)
        finally:
            self._loading = None

    async def _fetched(self, version: str) -> bytes:
        content = await self._fetch(keyspace.bundle(version))
        if content is None:
            raise ArtefactError(f"bundle {version} is not there; publish again")
        return content

    def _swap(self, live: Live) -> None:
        before = self.live.version if self.live else "nothing"
        self.live, self._in_force = live, live.version.encode()
        self.swaps += 1
        logger.info("in force: %s (before: %s), %s", live.version, before, live.versions)

    def _refuse(self, pointer: bytes, error: Exception) -> None:
        self.failures += 1
        self._refused = pointer
        wait_s = RETRY_STORE_S if isinstance(error, StoreUnavailable) else RETRY_BROKEN_S
        self._retry_at = self._clock() + wait_s
        still = self.live.version if self.live else "nothing"
        logger.error("bundle %r refused, %s stays in force: %s", pointer[:64], still, error)

    async def _keep(self, version: str, content: bytes) -> None:
        if self._copy is None:
            return
        try:
            await asyncio.to_thread(self._copy.write, version, content)
        except OSError as error:
            logger.warning("cannot keep a copy of the bundle in force: %s", error)


def prove(version: str, content: bytes) -> Live:
    """Read the bundle and answer once from it on every placement, so that the first person who
    asks neither waits for caches to fill nor finds out that it cannot answer.

    Raises:
        ArtefactError, CatalogueError: the bundle cannot be trusted.
        Exception: it can be read, but answering from it fails.
    """
    live = read_bundle(version, content)
    at = datetime.now(UTC)
    for name, placement in live.catalogue.placements.items():
        for channel in placement.channels:
            request = Request(at=at, placement=name, channel=channel)
            encode_answer(answer(decide(Account.unknown("warm-up"), request, live), live))
    return live
