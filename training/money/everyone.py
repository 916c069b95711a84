"""The finances of everybody in the tables, bucket by bucket, and what lies ahead of each.

What bookings teach is kept beside the tables while they stay as they are: learning it takes some
milliseconds an account, and a publication may follow another without new bookings.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from itertools import chain, islice
from multiprocessing import get_context
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar

import msgspec
import numpy as np
import pandas as pd

from recommender.account import Payment
from recommender.errors import RaakError
from recommender.money.booking import Booking
from recommender.money.finances import Finances, pack_finances, unpack_finances
from recommender.money.look_ahead import Standing as Known
from recommender.money.look_ahead import look_ahead_each
from recommender.money.peers import Peers
from recommender.tables import (
    ACCOUNT_ID,
    AMOUNT_MINOR,
    BOOKED_ON,
    COUNTERPARTY,
    CURRENCY,
    SCHEME,
)
from training.money.batch import finances_of, peers_of
from training.money.bookings import Bookings, Bucket

LOOKED_AT_ONCE = 1_000
"""Accounts: few enough to be sent to another process, and for a progress bar to move."""

SAMPLE = 500
"""Accounts from which is learnt what all have in common."""

_encoder: Final = msgspec.msgpack.Encoder(order="deterministic")

Progress = Callable[[int], object]
Made = TypeVar("Made")


class Standing(NamedTuple):
    """What is known of an account besides its bookings, in the catalogue's currency."""

    balance_minor: int | None
    coming: tuple[Payment, ...]


def learn_finances(
    bookings: Bookings,
    day: date,
    currency: str,
    processes: int | None = None,
    progress: Progress = lambda _: None,
    coming: Mapping[str, Sequence[Payment]] = MappingProxyType({}),
) -> dict[str, bytes]:
    """The packed finances of each account that has a booking before `day`, and what was booked on
    the day itself told to its series.

    `processes` None: as many as there are cores. Memory is bounded by the buckets under way.
    `progress` is told how many accounts were looked at. `coming`: the payments that are known, from
    which is learnt how many the bank knows of.

    Raises:
        RaakError: a process was ended from outside.
    """
    until = day if bookings.until is None else min(day, bookings.until)
    peers = peers_of(bookings.sample(SAMPLE), day, currency, coming)
    found: dict[str, bytes] = {}
    tasks = ((bucket, day, currency, peers, until) for bucket in bookings.buckets())
    for learnt, accounts in _spread(_learnt, tasks, processes):
        found.update(learnt)
        progress(accounts)
    return found


def look_ahead_of(
    finances: Mapping[str, bytes],
    standing: Mapping[str, Standing],
    day: date,
    currency: str,
    processes: int | None = None,
    progress: Progress = lambda _: None,
) -> dict[str, bytes]:
    """What lies ahead (`Ahead`, as msgpack), as `day` begins, of each account in `standing` that
    has finances.

    Raises:
        RaakError: a process was ended from outside.
    """
    known = [
        (account_id, finances[account_id], one)
        for account_id, one in standing.items()
        if account_id in finances
    ]
    parts = (
        (known[start : start + LOOKED_AT_ONCE], day, currency)
        for start in range(0, len(known), LOOKED_AT_ONCE)
    )
    found: dict[str, bytes] = {}
    for part in _spread(_looked, parts, processes):
        found.update(part)
        progress(len(part))
    return found


def _learnt(
    bucket: Bucket, day: date, currency: str, peers: Peers, until: date
) -> tuple[dict[str, bytes], int]:
    """Those of one bucket, and how many accounts it has."""
    rows = bucket.read()
    found = {
        one.account_id: Finances(tuple(s for s in one.series if not s.ended), one.spending, until)
        for one in finances_of(rows, day, currency, peers)
    }
    for account_id, booking in _on(rows, day):
        if account_id in found:
            found[account_id] = found[account_id].after(booking)
    packed = {account_id: pack_finances(finances) for account_id, finances in found.items()}
    return packed, len(bucket.accounts)


def _on(rows: pd.DataFrame, day: date) -> Iterator[tuple[str, Booking]]:
    """What was booked on the day itself, which `finances_of` leaves alone."""
    today = rows[rows[BOOKED_ON].to_numpy() == np.datetime64(day, "D")]
    names = (ACCOUNT_ID, AMOUNT_MINOR, CURRENCY, COUNTERPARTY, SCHEME)
    for account_id, *booked in zip(*(today[name].tolist() for name in names), strict=True):
        yield account_id, Booking(day, *booked)


def _looked(
    known: Sequence[tuple[str, bytes, Standing]], day: date, currency: str
) -> list[tuple[str, bytes]]:
    standing = (Known(*one, unpack_finances(packed)) for _, packed, one in known)
    ahead = look_ahead_each(standing, day, currency)
    packed = map(_encoder.encode, ahead)
    return [(account_id, its) for (account_id, _, _), its in zip(known, packed, strict=True)]


def _spread(
    work: Callable[..., Made], tasks: Iterable[tuple[object, ...]], processes: int | None
) -> Iterator[Made]:
    """What `work` makes of each of the tasks, in their order; few of them are under way at once."""
    waiting = iter(tasks)
    begun = list(islice(waiting, 2))
    count = processes or os.cpu_count() or 1
    if len(begun) < 2 or count == 1:  # one task is no work for others
        yield from (work(*task) for task in chain(begun, waiting))
        return
    # this process has threads, which no fork copies
    with ProcessPoolExecutor(count, get_context("forkserver")) as pool:
        under_way: deque[Future[Made]] = deque()
        try:
            for task in chain(begun, waiting):
                under_way.append(pool.submit(work, *task))
                if len(under_way) > 2 * count:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        except BrokenProcessPool:
            raise RaakError(
                "a process that looked at transactions was ended from outside, probably for want "
                "of memory; publish again"
            ) from None
