"""The file of API keys, followed: a key that is revoked stops working without a restart."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from service.auth.caller import Caller
from service.auth.keys import KeyFileError, KeyRing, read_keys

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0


class KeyFile:
    """The keys in force. Without a file there are none.

    Raises KeyFileError when the file cannot be read at the start; later the last good keys stay.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stamp = self._stamp_now()
        self._ring = read_keys(path) if path else KeyRing()

    def caller(self, presented: str, now: float) -> Caller | None:
        return self._ring.caller(presented, now)

    def refresh(self) -> None:
        """Read the file again if it changed."""
        stamp = self._stamp_now()
        if self._path is None or stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._ring = read_keys(self._path)
        except KeyFileError as error:
            logger.warning("the keys read before stay in force: %s", error)
        else:
            logger.info("API keys read again: %d", len(self._ring.keys))

    async def follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.refresh()

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat() if self._path else None
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino) if found else None
