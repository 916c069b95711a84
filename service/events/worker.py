"""What `raak worker` does until it is told to stop: fold, keep the logs, and trim the stream."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

from recommender import keyspace
from service.alerts.config import AlertsConfig
from service.alerts.sweep import Sweep
from service.decision_log.config import DecisionLogConfig
from service.decision_log.tally import LogTally
from service.events.config import EventsConfig
from service.events.folding import Folding, NoCatalogue
from service.events.stream import GROUP, RETRY_S, Entry, begin, connect, entries
from service.events.tally import WorkerTally
from service.events.trim import trim
from service.webhooks.config import WebhooksConfig
from service.webhooks.sender import Sender
from service.webhooks.tally import WebhookTally

logger = logging.getLogger(__name__)

BLOCK_MS = 200
TRIM_S = 0.25
NEW, OWN = ">", "0"


@dataclass
class FoldWorker:
    """Folds what comes, and what a dead worker had begun."""

    folding: Folding
    config: EventsConfig
    tally: WorkerTally
    clock: Callable[[], float] = time.monotonic
    _trimmed: float = 0.0
    _claimed: float = 0.0

    def run(self, stop: threading.Event) -> None:
        """Until `stop`. Redis may go and come back; nothing is sent again blindly: whatever it
        may or may not have done, what is still pending says what is still to do.
        """
        while not stop.is_set():
            try:
                begin(self.folding.client)
                while self._fold(OWN, 1):
                    pass
                while not stop.is_set():
                    self._fold(NEW, BLOCK_MS)
                    self._keep_house()
            except NoCatalogue:
                logger.warning("nothing is published yet: events wait")
                stop.wait(4 * RETRY_S)
            except redis.RedisError as error:
                logger.warning("Redis is away or refuses: %r", error)
                stop.wait(RETRY_S)

    def _fold(self, which: str, block_ms: int) -> int:
        found: Any = self.folding.client.xreadgroup(
            GROUP,
            self.folding.consumer,
            {keyspace.EVENTS: which},
            count=self.config.batch,
            block=block_ms,
        )
        read = [entry for _, some in found or () for entry in entries(some)]
        if read:
            self.folding.apply(read)
        return len(read)

    def _keep_house(self) -> None:
        now = self.clock()
        if now - self._trimmed >= TRIM_S:
            self._trimmed = now
            log_kept = self.config.log_dir is not None
            self.tally.waiting = trim(self.folding.client, log_kept=log_kept)
            self.tally.erasing = int(str(self.folding.client.hlen(keyspace.ERASING)))
        if now - self._claimed >= self.config.claim_s / 3:
            self._claimed = now
            self._take_over()

    def _take_over(self) -> None:
        """Fold what another worker began and has been silent about."""
        while claimed := self._claim():
            logger.info("%d events of a silent worker taken over", len(claimed))
            self.folding.apply(claimed)

    def _claim(self) -> list[Entry]:
        said: Any = self.folding.client.xautoclaim(
            keyspace.EVENTS,
            GROUP,
            self.folding.consumer,
            min_idle_time=int(self.config.claim_s * 1000),
            count=self.config.batch,
        )
        return entries(said[1])


@dataclass
class Worker:
    """One process: the roles it was given, each in a thread with a connection of its own."""

    url: str
    config: EventsConfig
    consumer: str
    fold: bool = True
    log_dir: Path | None = None
    alerts: AlertsConfig = field(default_factory=AlertsConfig)
    webhooks: WebhooksConfig = field(default_factory=WebhooksConfig)
    decisions: DecisionLogConfig = field(default_factory=DecisionLogConfig)
    decisions_dir: Path | None = None
    tally: WorkerTally = field(default_factory=WorkerTally)
    webhooks_tally: WebhookTally = field(default_factory=WebhookTally)
    decisions_tally: LogTally = field(default_factory=LogTally)
    _faults: list[BaseException] = field(default_factory=list)

    def run(self, stop: threading.Event) -> None:
        """Until `stop`. What stops one role stops them all and is raised here."""
        threads = [
            threading.Thread(target=self._guarded, args=(role, stop), daemon=True)
            for role in self._roles()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._faults:
            raise self._faults[0]

    def _roles(self) -> list[Callable[[threading.Event], None]]:
        roles: list[Callable[[threading.Event], None]] = []
        if self.fold:
            folding = self._folding()
            roles.append(FoldWorker(folding, self.config, self.tally).run)
            roles.append(Sweep(self._folding(), self.alerts).run)
            roles += self._senders()
        if self.log_dir is not None:
            from service.events.log_writer import LogWriter  # noqa: PLC0415  # needs pyarrow

            roles.append(LogWriter(connect(self.url), self.log_dir, self.config, self.tally).run)
        if self.decisions_dir is not None:
            from service.decision_log.writer import DecisionLogWriter  # noqa: PLC0415  # as above

            client, tally = connect(self.url), self.decisions_tally
            roles.append(DecisionLogWriter(client, self.decisions_dir, self.decisions, tally).run)
        return roles

    def _folding(self) -> Folding:
        client = connect(self.url)
        return Folding(
            client,
            self.consumer,
            self.config,
            self.tally,
            alerts=self.alerts,
            webhooks=self.webhooks.urls,
        )

    def _senders(self) -> list[Callable[[threading.Event], None]]:
        config = self.webhooks
        count = config.senders if config.urls else 0
        return [Sender(connect(self.url), config, self.webhooks_tally).run for _ in range(count)]

    def _guarded(self, role: Callable[[threading.Event], None], stop: threading.Event) -> None:
        try:
            role(stop)
        except BaseException as fault:  # noqa: BLE001  # it is raised again by `run`
            self._faults.append(fault)
            stop.set()
