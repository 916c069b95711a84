"""From the stream to the decision log: each decision once, made again and compared on the way.

A reader of its own, which goes on after the last id that the files have; only then is the stream
told that it may forget. So it may die anywhere and is never asked what it had done.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import redis

from recommender import keyspace
from recommender.events.span import BEGINNING, Span
from recommender.tombstone import digest
from service.decision_log import stream
from service.decision_log.bundles import Bundles
from service.decision_log.chain import GENESIS
from service.decision_log.config import DecisionLogConfig
from service.decision_log.files import ChainedFiles
from service.decision_log.parquet import write_decisions
from service.decision_log.pseudonyms import Pseudonyms
from service.decision_log.review import Check, NotServed, Reviewed, read_said, review
from service.decision_log.served import Served, unpack_served
from service.decision_log.tally import LogTally
from service.decision_log.window import Window
from service.erasure.receipt import Store, done, orders
from service.events.stream import RETRY_S

logger = logging.getLogger(__name__)

READ = 16
BLOCK_MS = 200
SHARE = 4
"""A file is closed, too, when this part of the bytes that may wait is in it: none is lost."""


@dataclass
class DecisionLogWriter:
    """Reads, reviews, and writes a file when there is enough or it is time."""

    client: redis.Redis
    directory: Path
    config: DecisionLogConfig
    tally: LogTally = field(default_factory=LogTally)
    clock: Callable[[], float] = time.time
    _gathered: list[Reviewed] = field(default_factory=list)
    _first: str | None = None
    _last: str = BEGINNING
    _bytes: int = 0
    _since: float = 0.0

    def run(self, stop: threading.Event) -> None:
        """Until `stop`; then what was gathered is written. Raises DecisionLogError.

        When Redis or the disk fails, it begins anew from what the files have.
        """
        while not stop.is_set():
            try:
                self.open()
                try:
                    while not stop.is_set():
                        self.step()
                    self.flush()
                finally:
                    self.close()
            except (redis.RedisError, OSError, sqlite3.Error) as error:
                logger.warning("the decision log waits: %r", error)
                stop.wait(RETRY_S)

    def open(self) -> None:
        """Raises DecisionLogError, redis.RedisError and OSError; then nothing stays open."""
        with ExitStack() as opened:
            self._files = ChainedFiles(self.directory)
            self._files.open()
            opened.callback(self._files.close)
            self._pseudonyms = Pseudonyms.open(self.directory)
            opened.callback(self._pseudonyms.close)
            self._bundles = Bundles(self._files, self.client)
            self._window = Window.of(self._files.parts(), self.config.window)
            self._begin_file(self._files.last())
            self._see_that_nothing_was_cut()
            self._let_stream_forget(stream.bytes_up_to(self.client, self._last))
            self._opened = opened.pop_all()

    def close(self) -> None:
        self._opened.close()

    def step(self) -> None:
        """Read on, for a moment at most, write if it is time, and forget who is to be forgotten.

        Raises redis.RedisError.
        """
        self._bundles.keep_in_force()
        for entry in stream.read(self.client, self._last, READ, BLOCK_MS):
            if self._first is not None and _day(entry.id) != _day(self._first):
                self.flush()
            self._gather(entry)
        if self._first is not None and self._is_enough():
            self.flush()
        self.tally.waiting_bytes = stream.waiting_bytes(self.client)
        self.erase()

    def erase(self) -> None:
        """Forget the accounts that are to be erased, and what was gathered about them."""
        waiting = orders(self.client, Store.DECISION_LOG)
        if not waiting:
            return
        tombstones = {order.tombstone for order in waiting}
        self._gathered = [
            one for one in self._gathered if digest(one.said.account_id) not in tombstones
        ]
        had = self._pseudonyms.forget(tombstones)
        for receipt_id, tombstone in waiting:
            number = int(tombstone in had)
            done(self.client, Store.DECISION_LOG, receipt_id, {Store.DECISION_LOG: number})

    def flush(self) -> None:
        """Write what was gathered. Before this returns it is on disk, in one file."""
        if self._first is None:
            return
        if self._gathered:
            name = f"day={_day(self._first)}/{Span(self._first, self._last)}.parquet"
            ids = {one.said.account_id for one in self._gathered}
            people = self._pseudonyms.people(ids, read_since=self._since)
            self._files.add(name, lambda path: write_decisions(self._gathered, people, path))
            self.tally.logged(one.check for one in self._gathered)
        self._let_stream_forget(self._bytes)
        self._begin_file(self._last)

    def _begin_file(self, last: str) -> None:
        self._gathered, self._first, self._last, self._bytes = [], None, last, 0

    def _is_enough(self) -> bool:
        return (
            len(self._gathered) >= self.config.log_rows
            or self._bytes >= self.config.backlog_bytes // SHARE
            or self.clock() - self._since >= self.config.log_every_s
        )

    def _gather(self, entry: stream.Entry) -> None:
        if self._first is None:
            self._first, self._since = entry.id, self.clock()
        self._last = entry.id
        self._bytes += len(entry.packed)
        try:
            for served in self._not_erased(unpack_served(entry.packed)):
                self._review(served, entry.ms)
        except msgspec.DecodeError as error:
            self._unreadable(entry.id, error)

    def _not_erased(self, served: Sequence[Served]) -> list[Served]:
        if not served:
            return []
        tombstones = [digest(keyspace.account_of(one.key)) for one in served]
        said: Any = self.client.smismember(keyspace.ERASED, tombstones)
        return [one for one, erased in zip(served, said, strict=True) if not erased]

    def _review(self, served: Served, shown_ms: int) -> None:
        try:
            said = read_said(served.body)
            if not self._window.add(said.decision_id):
                self.tally.repeated += 1
                return
            reviewed = review(served, said, shown_ms, self._bundles.live)
        except (NotServed, ValueError) as error:
            self._unreadable(served.key, error)
            return
        if reviewed.check is Check.DIFFERS:
            logger.error(
                "decision %s differs when it is made again with %s: see it with `raak replay`",
                said.decision_id,
                reviewed.asked.version,
            )
        self._gathered.append(reviewed)

    def _unreadable(self, what: str, error: Exception) -> None:
        self.tally.unreadable += 1
        logger.error("%s holds no decision that can be logged: %s", what[:40], error)

    def _let_stream_forget(self, logged_bytes: int) -> None:
        stream.forget(self.client, self._last, logged_bytes, self._files.head)

    def _see_that_nothing_was_cut(self) -> None:
        """Redis knows where the chain ended last."""
        head = stream.logged_head(self.client)
        if head not in (None, GENESIS) and not self._files.knows(head):
            logger.error(
                "the decision log in %s does not end with what was logged last: it is another "
                "directory, or files and the lines of the chain about them were removed",
                self.directory,
            )


def _day(entry_id: str) -> str:
    milliseconds = int(entry_id.partition("-")[0])
    return datetime.fromtimestamp(milliseconds / 1000, UTC).date().isoformat()
