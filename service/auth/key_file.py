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
    """The keys in force. Without a file, or while it is missing, there are none.

    Raises KeyFileError when the file is wrong at the start; one that breaks later leaves the keys
    that were read, and `broken` says so.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stamp = self._stamp_now()
        self.broken = False
        self._ring = self._read()

    def caller(self, presented: str, now: float) -> Caller | None:
        return self._ring.caller(presented, now)

    def refresh(self) -> None:
        """Read the file again if it changed, came or went."""
        stamp = self._stamp_now()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._ring = self._read()
        except KeyFileError as error:
            self.broken = True
            logger.warning("the API keys read before stay in force: %s", error)
        else:
            self.broken = False
            logger.info("API keys read again: %d", len(self._ring.keys))

    def _read(self) -> KeyRing:
        if self._path is None:
            return KeyRing()
        if self._stamp is None:  # deleting the file revokes every key in it
            logger.warning("no API key is accepted: there is no file %s", self._path)
            return KeyRing()
        return read_keys(self._path)

    async def follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.refresh()

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat() if self._path else None
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:  # it may be there: whoever reads it will say what is wrong
            return (0, 0, 0)
        return (found.st_mtime_ns, found.st_size, found.st_ino) if found else None
