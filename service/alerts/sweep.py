"""Looking at alerts because of time: who is due now, and everybody after a publication.

Each look is a step of `Folding` without events: repeated or done by two workers at once, it tells
nothing twice. Stopped anywhere, it is begun again by whoever comes first.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import redis

from recommender import keyspace
from service.alerts.config import AlertsConfig
from service.events.folding import Folding, NoCatalogue
from service.events.stream import RETRY_S, text
from service.publish.tidy import stored_accounts

logger = logging.getLogger(__name__)

BATCH: Final = 256
HELD_MS: Final = 30_000
"""So long after a sweeping worker died another one begins; it renews its turn with each batch."""

CLAIMED_S: Final = 10.0
"""So long after a worker died those whom it was about to look at are due again."""

_LUA = Path(__file__).with_name("lua")
_SETTLE: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
    redis.call('SET', KEYS[1], ARGV[2])
end
"""


@dataclass
class Sweep:
    """One of the roles of a worker, with a `Folding` of its own."""

    folding: Folding
    config: AlertsConfig
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        script = (_LUA / "claim.lua").read_text("utf-8")
        self._claim = self.folding.client.register_script(script)

    def run(self, stop: threading.Event) -> None:
        """Until `stop`."""
        while not stop.is_set():
            try:
                self.everybody(stop)
                while not stop.is_set() and self.due() == BATCH:
                    pass
                stop.wait(self.config.sweep_s)
            except NoCatalogue:
                stop.wait(4 * RETRY_S)
            except redis.RedisError as error:
                logger.warning("Redis is away or refuses: %r", error)
                stop.wait(RETRY_S)

    def due(self) -> int:
        """Look at those who are due, a batch at most, and whom nobody else looks at. Returns how
        many that were.
        """
        now = self.clock()
        found: Any = self._claim([keyspace.ALERTS_DUE], [now, now + CLAIMED_S, BATCH])
        if found:
            self.folding.bring_up_to_date([text(account_id) for account_id in found])
        return len(found)

    def everybody(self, stop: threading.Event) -> None:
        """Look at all accounts once under what is in force, unless that was done, or is being."""
        client = self.folding.client
        live, swept = client.mget([keyspace.LIVE, keyspace.ALERTS_SWEPT])
        if live is None or swept == live:
            return
        mine = uuid.uuid4().hex
        if not client.set(keyspace.ALERTS_SWEEPING, mine, nx=True, px=HELD_MS):
            return
        try:
            # whoever publishes meanwhile takes this mark away, and all begins anew
            client.set(keyspace.ALERTS_SWEPT, mine)
            accounts = stored_accounts(client)
            while batch := list(islice(accounts, BATCH)):
                if stop.is_set():
                    return
                self.folding.bring_up_to_date(batch)
                client.pexpire(keyspace.ALERTS_SWEEPING, HELD_MS)
            client.eval(_SETTLE, 1, keyspace.ALERTS_SWEPT, mine, live)
        finally:
            client.delete(keyspace.ALERTS_SWEEPING)
