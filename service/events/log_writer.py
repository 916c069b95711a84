"""From the stream to the event log: a reader of its own, which needs no acknowledgement.

It goes on after the last id that the files have. Only then is the stream told that it may forget.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import redis
from pydantic import ValidationError

from recommender import keyspace
from recommender.events import Event, parse_event
from recommender.events.bucket import bucket_of
from service.events.config import EventsConfig
from service.events.log_files import LogFiles, Partition, Span
from service.events.stream import BEGINNING, Entry, entries
from service.events.tally import WorkerTally

READ = 1_000
BLOCK_MS = 200


@dataclass
class LogWriter:
    """Reads, gathers, and writes a part when there is enough or it is time."""

    client: redis.Redis
    directory: Path
    config: EventsConfig
    tally: WorkerTally = field(default_factory=WorkerTally)
    clock: Callable[[], float] = time.monotonic
    _gathered: list[Event] = field(default_factory=list)
    _first: str | None = None
    _last: str = BEGINNING
    _since: float = 0.0

    def open(self) -> None:
        """Raises LogError."""
        self._files = LogFiles(self.directory)
        self._last = self._files.open()
        self._gathered, self._first = [], None
        self._tell()

    def close(self) -> None:
        self._files.close()

    def step(self) -> None:
        """Read on, for a moment at most, and write if it is time. Raises redis.RedisError."""
        found: Any = self.client.xread({keyspace.EVENTS: self._last}, count=READ, block=BLOCK_MS)
        for _, read in found or ():
            self._gather(entries(read))
        full = len(self._gathered) >= self.config.log_rows
        late = self.clock() - self._since >= self.config.log_every_s
        if self._first is not None and (full or late):
            self.flush()

    def flush(self) -> None:
        """Write what was gathered. Before this returns it is on disk, in one part."""
        from service.events.parquet import merge, write_events  # noqa: PLC0415  # an extra

        if self._first is None:
            return
        parts: dict[Partition, list[Event]] = defaultdict(list)
        for event in self._gathered:
            bucket = bucket_of(event.account_id, self.config.log_buckets)
            parts[event.at.date().isoformat(), bucket].append(event)
        writes = {
            partition: partial(write_events, events=events) for partition, events in parts.items()
        }
        self._files.add(Span(self._first, self._last), writes)
        self.tally.logged += len(self._gathered)
        self._gathered, self._first = [], None
        self._tell()
        self._files.compact(self.config.log_parts, merge)

    def _gather(self, read: list[Entry]) -> None:
        for entry in read:
            if self._first is None:
                self._first, self._since = entry.id, self.clock()
            self._last = entry.id
            if entry.logged:
                continue
            try:
                self._gathered.append(parse_event(entry.text))
            except ValidationError:  # the folding worker keeps it among the dead letters
                self.tally.unreadable += 1

    def _tell(self) -> None:
        self.client.set(keyspace.EVENTS_LOGGED, self._last)
