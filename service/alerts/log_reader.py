"""Reading an account's log of alerts: what a viewer missed, or the account as it is."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from redis.exceptions import RedisError

from recommender import keyspace
from recommender.alerts.life import Change
from service.errors import StoreUnavailable
from service.store.link import FAILURES, Link, RedisConfig

_WATCH = Path(__file__).with_name("lua").joinpath("watch.lua").read_text(encoding="utf-8")
_decoder = msgspec.json.Decoder(Change)


@dataclass(frozen=True, slots=True)
class News:
    """The account's state (None: no such account), and how it came to be since a change.

    `changes`: all of them, each with its id, oldest first; None where that cannot be told any
    more. `last` is the id of the last change that is in the state.
    """

    state: bytes | None
    last: str
    changes: list[tuple[str, Change]] | None


@dataclass
class LogReader:
    """Reads for all viewers of a process, over a link of its own, one after the other."""

    redis: RedisConfig
    log_most: int
    timeout_ms: int = 1_000
    _link: Link | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def after(self, account_id: str, last: str) -> News:
        """What became of the account's alerts after the change `last` ('' for none).

        Raises StoreUnavailable.
        """
        keys = (keyspace.alert_log(account_id), keyspace.state(account_id))
        try:
            async with asyncio.timeout(self.timeout_ms / 1000), self._turn:
                said = await self._exchange(("EVAL", _WATCH, 2, *keys, last, self.log_most))
        except FAILURES as error:
            raise StoreUnavailable(f"cannot read alerts: {error!r}") from None
        told, found, state = said
        if not told:
            return News(state, found.decode(), None)
        changes = [(name.decode(), _decoder.decode(fields[1])) for name, fields in found]
        return News(state, changes[-1][0] if changes else last, changes)

    async def stop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def _exchange(self, command: tuple[str | int, ...]) -> Any:
        """Over the link at hand, and if that broke meanwhile once more over a new one: reading
        twice does no harm.
        """
        if self._link is not None:
            with suppress(RedisError, OSError):
                return await self._over(command)
        return await self._over(command)

    async def _over(self, command: tuple[str | int, ...]) -> Any:
        """A link on which anything went wrong, a viewer who left included, is never used again."""
        link, self._link = self._link, None
        try:
            if link is None:
                link = await Link.open(self.redis, self.timeout_ms)
            said = await link.exchange(command)
        except BaseException:
            if link is not None:
                await link.close()
            raise
        self._link = link
        return said
