"""The catalogue in force, for the worker: read anew when the pointer moves."""

from __future__ import annotations

import logging

import redis

from recommender import keyspace
from recommender.alerts.lookout import Lookout
from recommender.catalogue import Catalogue
from recommender.errors import RaakError
from recommender.live import read_bundle

logger = logging.getLogger(__name__)


class CatalogueInForce:
    """None until something was published. A bundle that cannot be read changes nothing."""

    def __init__(self) -> None:
        self.catalogue: Catalogue | None = None
        self.lookout: Lookout | None = None
        self.version = ""
        self._seen = b""

    def saw(self, client: redis.Redis, pointer: bytes | None) -> None:
        """Follow the pointer to what is in force."""
        if pointer is None or pointer == self._seen:
            return
        version = pointer.decode()
        content = client.get(keyspace.bundle(version))
        try:
            if not isinstance(content, bytes):
                raise RaakError(f"bundle {version} is not there; publish again")  # noqa: TRY301
            self.catalogue = read_bundle(version, content).catalogue
            self.lookout = Lookout.of(self.catalogue)
        except RaakError as error:
            logger.warning("events are folded with the catalogue of before: %s", error)
        self._seen = pointer
        self.version = version
