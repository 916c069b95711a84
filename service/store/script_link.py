"""Running one Lua script over a link of one's own, so that no reader waits behind a writer."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis.exceptions import NoScriptError

from service.store.link import Link, RedisConfig
from service.store.writes import Command


class ScriptLink:
    """Opened when it is first needed. One at a time; a link on which anything went wrong, a
    cancelled request included, is never used again: the next caller would read this one's reply.
    """

    def __init__(self, redis: RedisConfig, script: str, timeout_ms: int) -> None:
        self._redis = redis
        self._script = script
        self._sha = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
        self._timeout_ms = timeout_ms
        self._link: Link | None = None
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Link]:
        """The link to oneself, until the timeout. Raises one of `link.FAILURES`."""
        async with asyncio.timeout(self._timeout_ms / 1000), self._turn:
            link, self._link = self._link, None
            try:
                if link is None:
                    link = await Link.open(self._redis, self._timeout_ms)
                yield link
            except BaseException:
                if link is not None:
                    await link.close()
                raise
            self._link = link

    async def run(
        self, link: Link, keys: tuple[str, ...], arguments: Command, *, on_disk: bool
    ) -> Any:
        """What the script says. `on_disk`: only once Redis has all it wrote in its file.

        Raises one of `link.FAILURES`.
        """
        script: Command = ("EVALSHA", self._sha, len(keys), *keys, *arguments)
        commands = (script, ("WAITAOF", 1, 0, self._timeout_ms)) if on_disk else (script,)
        try:
            said = await link.exchange(*commands)
        except NoScriptError:  # it did not run, so it may run again
            for _ in commands[1:]:
                await link.reply()
            await link.exchange(("SCRIPT", "LOAD", self._script))
            said = await link.exchange(*commands)
        if on_disk:
            written, _ = await link.reply()
            if not written:
                raise TimeoutError("Redis has it, but not on disk")
        return said

    async def close(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()
