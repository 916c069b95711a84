"""From the stream to the event log: a reader of its own, which needs no acknowledgement.

It goes on after the last id that the files have. Only then is the stream told that it may forget.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
from pydantic import ValidationError

from recommender import keyspace
from recommender.events import Event, parse_events
from recommender.events.span import BEGINNING, Span
from recommender.tombstone import digest
from service.erasure.event_log import RowErasing
from service.erasure.receipt import Store, orders
from service.erasure.tombstones import keep_tombstones
from service.events.config import EventsConfig
from service.events.log_files import LogFiles
from service.events.parquet import Gathered, merge
from service.events.stream import RETRY_S, Entry, entries
from service.events.tally import WorkerTally

logger = logging.getLogger(__name__)

READ = 1_000
PAUSE_S = 0.2
"""Nothing waits for the log: what comes in so long is read at once, not batch by batch."""
ERASE_S = 0.5
"""So long at a time rows are erased; then it reads on."""


@dataclass
class LogWriter:
    """Reads, gathers, and writes a part when there is enough or it is time."""

    client: redis.Redis
    directory: Path
    config: EventsConfig
    tally: WorkerTally = field(default_factory=WorkerTally)
    clock: Callable[[], float] = time.monotonic
    _first: str | None = None
    _last: str = BEGINNING
    _in_files: str = BEGINNING
    _since: float = 0.0
    _erasing: RowErasing | None = None

    def run(self, stop: threading.Event) -> None:
        """Until `stop`; then what came last is written. Raises LogError.

        When Redis or the disk fails, it begins anew from what the files have.
        """
        while not stop.is_set():
            try:
                self.open()
                try:
                    while not stop.is_set():
                        if not self.step():
                            stop.wait(PAUSE_S)
                    self.step()  # what came during the pause
                    self.flush()
                finally:
                    self.close()
            except (redis.RedisError, OSError) as error:
                logger.warning("the event log waits: %r", error)
                stop.wait(RETRY_S)

    def open(self) -> None:
        """Raises LogError, redis.RedisError and OSError; then nothing stays open."""
        self._files = LogFiles(self.directory)
        self._last = self._in_files = self._files.open()
        self._erasing = None
        self._begin_part()
        try:
            keep_tombstones(self.client, self.directory)
            self._tell()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._files.close()

    def step(self) -> bool:
        """Read on, write if it is time, and erase what is to be erased, for a moment at most.

        True when there is more to do at once. Raises redis.RedisError.
        """
        found: Any = self.client.xread({keyspace.EVENTS: self._last}, count=READ)
        read = [entry for _, some in found or () for entry in entries(some)]
        if read:
            self._gather(read)
        full = len(self._gathered) >= self.config.log_rows
        late = self.clock() - self._since >= self.config.log_every_s
        if self._first is not None and (full or late):
            self.flush()
        return not self.erase() or len(read) == READ

    def erase(self) -> bool:
        """For a moment, rows of accounts that were erased. True when there are no more to erase."""
        if self._erasing is None:
            waiting = orders(self.client, Store.EVENT_LOG)
            if not waiting:
                return True
            self.flush()  # what was gathered before they had their tombstones has their rows
            keep_tombstones(self.client, self.directory)
            self._erasing = RowErasing(self.client, self._files, waiting)
        if self._erasing.go_on(ERASE_S):
            self._erasing = None
        return False

    def flush(self) -> None:
        """Write what was gathered. Before this returns it is on disk, in one part."""
        if self._first is None:
            return
        files = self._gathered.files()
        self._files.add(Span(self._first, self._last), files)
        if files:  # or all of it was unreadable, say, or of accounts that were erased
            self._in_files = self._last
        self.tally.logged += len(self._gathered)
        self._begin_part()
        self._tell()
        if self._erasing is None:  # or files that it has still to look at were gone
            self._files.compact(self.config.log_parts, merge)

    def _begin_part(self) -> None:
        self._gathered, self._first = Gathered(self.config.log_buckets), None

    def _gather(self, read: list[Entry]) -> None:
        if self._first is None:
            self._first, self._since = read[0].id, self.clock()
        self._last = read[-1].id
        told = parse_events([entry.text for entry in read if not entry.logged])
        events = [event for event in told if not isinstance(event, ValidationError)]
        self.tally.unreadable += len(told) - len(events)  # those are kept among the dead letters
        self._gathered.add(self._not_erased(events))

    def _not_erased(self, events: list[Event]) -> list[Event]:
        if not events:
            return []
        tombstones = [digest(event.account_id) for event in events]
        said: Any = self.client.smismember(keyspace.ERASED, tombstones)
        return [event for event, erased in zip(events, said, strict=True) if not erased]

    def _tell(self) -> None:
        told = {keyspace.EVENTS_LOGGED: self._last, keyspace.EVENTS_IN_FILES: self._in_files}
        self.client.mset(told)
