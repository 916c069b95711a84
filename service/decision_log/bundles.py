"""What was in force, kept as long as the log: `versions/<version>.bundle`, each written once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import redis

from recommender import keyspace
from recommender.errors import RaakError
from recommender.live import Bundle, Live, open_bundle, read_bundle
from service.decision_log.errors import DecisionLogError
from service.decision_log.files import ChainedFiles

logger = logging.getLogger(__name__)

Read = TypeVar("Read")

FOLDER: Final = "versions"
MOST_OPEN: Final = 3
"""Bundles that are held in memory."""


def bundle_file(version: str) -> str:
    """Its path in the log."""
    return f"{FOLDER}/{version}.bundle"


def read_kept(root: Path, version: str) -> Live:
    """What was in force as `version`. Raises DecisionLogError."""
    return _kept(root, version, read_bundle)


def open_kept(root: Path, version: str) -> Bundle:
    """The same as people wrote it and training left it. Raises DecisionLogError."""
    return _kept(root, version, open_bundle)


def _kept(root: Path, version: str, read: Callable[[str, bytes], Read]) -> Read:
    path = root / bundle_file(version)
    try:
        return read(version, path.read_bytes())
    except FileNotFoundError:
        raise DecisionLogError(f"{path} is gone: what was in force then is not known") from None
    except (RaakError, OSError) as error:
        raise DecisionLogError(f"{path} cannot be used: {error}") from None


class Bundles:
    """The bundles of a log that is being written; one that is not there yet comes from Redis."""

    def __init__(self, files: ChainedFiles, client: redis.Redis) -> None:
        self._files = files
        self._client = client
        self._open: dict[str, Live | None] = {}

    def live(self, version: str) -> Live | None:
        """None when it is nowhere to be had; that is said once.

        Raises redis.RedisError and OSError.
        """
        if version not in self._open:
            if len(self._open) >= MOST_OPEN:
                self._open.pop(next(iter(self._open)))
            self._open[version] = self._read(version)
        return self._open[version]

    def keep_in_force(self) -> None:
        """Write down what is in force now, before anything of it is shown and it is gone again."""
        pointer = self._client.get(keyspace.LIVE)
        if isinstance(pointer, bytes):
            self.live(pointer.decode())

    def _read(self, version: str) -> Live | None:
        try:
            if (self._files.root / bundle_file(version)).exists():
                return read_kept(self._files.root, version)
            return self._fetch(version)
        except RaakError as error:
            logger.error("decisions of %s are logged but cannot be made again: %s", version, error)  # noqa: TRY400  # no fault of ours
            return None

    def _fetch(self, version: str) -> Live:
        content = self._client.get(keyspace.bundle(version))
        if not isinstance(content, bytes):
            raise DecisionLogError("its bundle is no longer on Redis")
        live = read_bundle(version, content)
        self._files.add(bundle_file(version), lambda path: path.write_bytes(content))
        return live
