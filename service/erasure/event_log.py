"""Rows of the erased out of the event log: only files that have some are written anew.

A file keeps its name, and its place when nothing is left in it, since names say how far the log has
come. Killed anywhere, each file is either as it was or without them, and the order still stands.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import redis

from recommender.tombstone import digest
from service.erasure.receipt import Order, Store, count, done
from service.events.log_files import LogFiles
from service.events.parquet import rows_by_account, write_without


class RowErasing:
    """Goes through the log a while at a time, so that its owner can write on in between.

    What comes meanwhile has none of them: they have their tombstones.
    """

    def __init__(
        self,
        client: redis.Redis,
        files: LogFiles,
        orders: Iterable[Order],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._files = files
        self._orders = tuple(orders)
        self._tombstones = frozenset(order.tombstone for order in self._orders)
        self._left: Iterator[Path] = iter(files.files())
        self._clock = clock
        self._damaged: list[OSError] = []

    def go_on(self, seconds: float) -> bool:
        """For about so long. True when all is done, and counted.

        Raises OSError when the other files are done and one cannot be read: who is named in it
        nobody knows, so the orders stand.
        """
        until = self._clock() + seconds
        for path in self._left:
            try:
                self._rewrite(path)
            except OSError as error:
                self._damaged.append(error)
            if self._clock() >= until:
                return False
        if self._damaged:
            raise self._damaged[0]
        for order in self._orders:
            done(self._client, Store.EVENT_LOG, order.receipt_id, {Store.EVENT_LOG: 0})
        return True

    def _rewrite(self, path: Path) -> None:
        rows = rows_by_account(path)
        gone = [account_id for account_id in rows if digest(account_id) in self._tombstones]
        if not gone:
            return
        self._files.rewrite(path, partial(write_without, path, gone))
        removed = {digest(account_id): rows[account_id] for account_id in gone}
        for receipt_id, tombstone in self._orders:
            count(self._client, receipt_id, {Store.EVENT_LOG: removed.get(tombstone, 0)})
