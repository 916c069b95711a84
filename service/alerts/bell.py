"""The bell: one blocking reader a process hears whose alerts changed, and wakes who watches them.

It only rings. What changed is in the account's log, where every viewer reads for itself; so a
hint that is lost or comes twice does no harm, and nothing waits in memory for a slow viewer.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from recommender import keyspace
from recommender.events.span import BEGINNING
from service.store.link import FAILURES, Link, RedisConfig

logger = logging.getLogger(__name__)

BLOCK_MS = 5_000
PATIENCE_S = BLOCK_MS / 1000 + 2.0
"""A Redis that says nothing for so long has gone."""


class Bell:
    """Its link blocks on Redis, so it has a client of its own and no socket timeout below that."""

    def __init__(self, config: RedisConfig) -> None:
        self._config = config
        self._listeners: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._hearing: asyncio.Task[None] | None = None

    @contextmanager
    def heard_by(self, account_id: str) -> Iterator[asyncio.Event]:
        """An event that is set each time the account's alerts may have changed."""
        if self._hearing is None:
            self._hearing = asyncio.get_running_loop().create_task(self._hear())
        rung = asyncio.Event()
        self._listeners[account_id].add(rung)
        try:
            yield rung
        finally:
            self._listeners[account_id].discard(rung)
            if not self._listeners[account_id]:
                del self._listeners[account_id]

    async def stop(self) -> None:
        if self._hearing is not None:
            self._hearing.cancel()
            await asyncio.wait([self._hearing])

    async def _hear(self) -> None:
        while True:
            try:
                await self._hear_until_redis_falls()
            except FAILURES as error:
                logger.warning("alerts are not heard of, viewers look by themselves: %r", error)
                await asyncio.sleep(self._config.probe_ms / 1000)

    async def _hear_until_redis_falls(self) -> None:
        link = await Link.open(self._config, self._config.timeout_ms)
        try:
            last = await self._newest(link)
            self._ring_all()  # whatever came while nobody listened
            while True:
                wait = ("XREAD", "BLOCK", BLOCK_MS, "COUNT", 1000, "STREAMS")
                async with asyncio.timeout(PATIENCE_S):
                    found: Any = await link.exchange((*wait, keyspace.ALERTS_BELL, last))
                for name, (_, account_id) in found[0][1] if found else ():
                    last = name.decode()
                    self._ring(account_id.decode())
        finally:
            with suppress(*FAILURES):
                await link.close()

    async def _newest(self, link: Link) -> str:
        async with asyncio.timeout(PATIENCE_S):
            found: Any = await link.exchange(
                ("XREVRANGE", keyspace.ALERTS_BELL, "+", "-", "COUNT", 1)
            )
        return found[0][0].decode() if found else BEGINNING

    def _ring(self, account_id: str) -> None:
        for rung in self._listeners.get(account_id, ()):
            rung.set()

    def _ring_all(self) -> None:
        for account_id in self._listeners:
            self._ring(account_id)
