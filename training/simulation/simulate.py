"""A whole population decided for, bucket after bucket, on as many cores as wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa

from recommender.errors import RaakError, TableError
from training.simulation.buckets import Buckets
from training.simulation.scene import Counted, Scene, Sides
from training.tables.faults import MOST_REASONS
from training.tables.read import MAX_REJECT_SHARE

_scene: list[Scene] = []
"""What a worker process decides with: assembled once, when it starts."""


def simulate(
    buckets: Buckets,
    sides: Sides,
    processes: int = 1,
    counted: Callable[[int], object] = lambda _: None,
) -> Counted:
    """Decide for everybody in the buckets on both sides, and count.

    The same comes out whatever the number of `processes`: buckets are added up in their order.
    `counted` is told of each bucket how many accounts were in it.

    Raises:
        TableError: too many rows break the contract.
        RaakError: a process was ended from outside.
    """
    total = Counted()
    with _counting(sides, processes) as count:
        for one in count(buckets.directories):
            total.add(one)
            _stop_beyond(total, buckets)
            counted(sum(both.accounts for both in one.tally.cells.values()))
    return total


Counting = Callable[[tuple[Path, ...]], Iterator[Counted]]


@contextmanager
def _counting(sides: Sides, processes: int) -> Iterator[Counting]:
    """In this process, or in so many others."""
    if processes == 1:
        scene = Scene.of(sides)
        yield lambda directories: map(scene.count, directories)
        return
    context = get_context("forkserver")  # this process has threads, which no fork copies
    context.set_forkserver_preload([__name__])
    pool = ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(sides,))
    try:
        yield lambda directories: pool.map(_count, directories)
    except BrokenProcessPool:
        raise RaakError(
            "a process of the simulation was ended from outside, probably for want of memory; "
            "fewer --processes need less"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(sides: Sides) -> None:
    pa.set_cpu_count(1)  # each core has its own process already
    _scene[:] = [Scene.of(sides)]


def _count(directory: Path) -> Counted:
    (scene,) = _scene
    return scene.count(directory)


def _stop_beyond(total: Counted, buckets: Buckets) -> None:
    """Raises TableError as soon as more rows of a table are wrong than may be."""
    wrong = dict(buckets.broken)
    for (table, _), rows in total.rejected.items():
        wrong[table] += rows
    for table, rows in wrong.items():
        if rows > MAX_REJECT_SHARE * buckets.rows[table]:
            columns = [
                f"{column} ({count:,})"
                for (name, column), count in total.rejected.most_common()
                if name == table
            ]
            raise TableError(
                f"{table}: more than {MAX_REJECT_SHARE:.1%} of {buckets.rows[table]:,} rows break "
                f"the contract, most of them in {', '.join(columns[:MOST_REASONS]) or 'none'}; "
                "`raak train` or `raak publish` writes each with its reason to a file of rejects"
            )
