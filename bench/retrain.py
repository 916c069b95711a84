"""Retraining on ten million events: seconds from tables to snapshots, memory of the whole run.

The demo bank twelve times over, each from a seed of its own and under ids of its own, so that all
tables grow as they would at a larger bank. Events lie as `raak worker` leaves them: for each day
and account bucket a large file and up to six small ones. Made once, into bench/out; what is
measured is the same reading and the same snapshots as in `raak train`, in a process of their own,
then `raak train` as a whole.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bench.cost import cost_of
from bench.figures import OUT, Figure, at_least, at_most, measured
from recommender.catalogue import Catalogue, parse_catalogue
from recommender.events.bucket import bucket_of
from recommender.tables import (
    ACCOUNT_ID,
    AT,
    CASE_ID,
    DECISION_ID,
    EVENT_ID,
    EVENTS,
    KIND,
    PRODUCT_ID,
    TRANSACTIONS,
    EventKind,
)
from service.events.config import EventsConfig
from service.events.parquet import SCHEMA
from training.snapshots import READS, build_snapshots
from training.tables import read_tables, write_tables
from training.world import TRUTHS, generate

BANKS = 12
ACCOUNTS_EACH = 20_000
MONTHS = 12
UNTIL = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LEAST_EVENTS = 10_000_000
SECONDS_BAR = 60
PEAK_BAR_MB = 2048
BANK = Path(__file__).parents[1] / "examples" / "bank" / "catalogue.yaml"
TABLES = OUT / "retrain"
LOG = EventsConfig()


def measure() -> Iterable[Figure]:
    """Seconds by the clock from files to snapshots, and the memory of a run with its report."""
    if not TABLES.is_dir():
        make(TABLES)
    took = seconds_to_snapshots()
    with tempfile.TemporaryDirectory() as models:
        source = ("--tables", TABLES, "--catalogue", BANK, "--as-of", f"{NOW:%Y-%m-%dT%H:%M:%S}")
        cost = cost_of("train", *source, "--out", models)
    to_snapshots = took["tables"] + took["snapshots"]
    yield at_most("retrain.tables_to_snapshots_s", to_snapshots, "s", SECONDS_BAR)
    yield at_most("retrain.peak_mb", cost.peak_mb, "MB", PEAK_BAR_MB)
    yield at_least("retrain.events", events_in(TABLES), "events", LEAST_EVENTS)
    yield measured("retrain.rows", took["rows"], "rows")
    yield measured("retrain.whole_s", cost.seconds, "s")


def seconds_to_snapshots() -> dict[str, float]:
    """What `main` prints, in a process that has done nothing before."""
    command = [sys.executable, "-m", "bench.retrain"]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, float] = json.loads(said)
    return found


def events_in(tables: Path) -> int:
    """How many events the log has."""
    files = (tables / EVENTS.name).rglob("*.parquet")
    return sum(int(pq.read_metadata(path).num_rows) for path in files)


def make(directory: Path) -> None:
    """Write the tables to `directory`: all of them or, if interrupted, none."""
    unfinished = directory.with_name(f"{directory.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    catalogue = parse_catalogue(BANK.read_text(encoding="utf-8"), BANK.name)
    parts: dict[str, list[pd.DataFrame]] = {}
    events = []
    for bank in range(BANKS):
        frames = bank_frames(catalogue, bank)
        events.append(_as_worker(with_decisions(frames.pop(EVENTS.name))))
        # Most rows are bookings, and no learning reads them: they are not kept in memory.
        bookings = {f"bank-{bank:02}": frames.pop(TRANSACTIONS.name)}
        write_tables(unfinished / TRANSACTIONS.name, bookings)
        for name, frame in frames.items():
            parts.setdefault(name, []).append(frame)
    write_tables(unfinished, {name: pd.concat(of, ignore_index=True) for name, of in parts.items()})
    write_log(pa.concat_tables(events), unfinished / EVENTS.name)
    unfinished.rename(directory)


def bank_frames(catalogue: Catalogue, bank: int) -> dict[str, pd.DataFrame]:
    """One bank's tables, its ids its own: `b03-a000033`."""
    world = generate(catalogue, accounts=ACCOUNTS_EACH, months=MONTHS, seed=100 + bank, until=UNTIL)
    frames = {name: frame for name, frame in world.frames().items() if name not in TRUTHS}
    return {name: renamed(frame, f"b{bank:02}-") for name, frame in frames.items()}


def renamed(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """The same rows of other accounts, whose ids begin with `prefix`."""
    own = [name for name in (ACCOUNT_ID, EVENT_ID, CASE_ID) if name in frame]
    return frame.assign(**{name: prefix + frame[name].astype("str") for name in own})


def with_decisions(events: pd.DataFrame) -> pd.DataFrame:
    """Each impression as that of a decision, and what was taken of it within a week as its answer,
    so that there are responses to learn from.
    """
    offer = [ACCOUNT_ID, PRODUCT_ID]
    order = events.sort_values(AT, kind="stable")
    shown = order.loc[order[KIND] == EventKind.IMPRESSION, [*offer, AT, EVENT_ID]]
    shown = shown.rename(columns={EVENT_ID: DECISION_ID}).assign(
        **{DECISION_ID: lambda rows: "d-" + rows[DECISION_ID].astype("str")}
    )
    taken = order.loc[order[KIND] == EventKind.TAKEN, [*offer, AT, EVENT_ID]]
    week = pd.Timedelta(days=7)
    answers = pd.merge_asof(taken, shown, on=AT, by=offer, tolerance=week)
    decided = pd.concat([shown[DECISION_ID], answers.set_index(taken.index)[DECISION_ID]])
    return events.assign(**{DECISION_ID: decided.reindex(events.index)})


def write_log(events: pa.Table, root: Path) -> None:
    """`events` as the worker's log: `day=2026-11-23/bucket=07/<first>_<last>.parquet`."""
    bucket, at = _buckets(events), events[AT].to_numpy().astype("datetime64[us]")
    order = np.lexsort((at, bucket))
    order = order[np.argsort(at[order].astype("datetime64[D]"), kind="stable")]
    events, bucket, at = events.take(pa.array(order)), bucket[order], at[order]
    for start, end in pairwise(file_edges(bucket, at).tolist()):
        folder = root / f"day={at[start].astype('datetime64[D]')}" / f"bucket={bucket[start]:02}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{start}-0_{end - 1}-0.parquet"
        pq.write_table(events.slice(start, end - start), path, compression="zstd")


def file_edges(bucket: NDArray[np.int64], at: NDArray[np.datetime64]) -> NDArray[np.intp]:
    """Where files begin, and the end of all, in rows by day, bucket and instant.

    Every `log_every_s` the worker writes what came, a file for each partition that something came
    of; once there are `log_parts` of them it makes one of them. So the first file of a day and
    bucket has nearly all of its rows, and those behind it have one or two.
    """
    day = at.astype("datetime64[D]")
    flush = at.astype("datetime64[s]").astype(np.int64) // int(LOG.log_every_s)
    new_partition = _changes(day) | _changes(bucket)
    new_part = np.flatnonzero(new_partition | _changes(flush))
    first = np.flatnonzero(new_partition[new_part])
    parts = np.diff(np.append(first, len(new_part)))
    number = np.arange(len(new_part)) - np.repeat(first, parts)
    merged = (parts - 1) // (LOG.log_parts - 1) * (LOG.log_parts - 1)
    begins = (number == 0) | (number > np.repeat(merged, parts))
    return np.append(new_part[begins], len(at))


def _changes(values: np.ndarray) -> NDArray[np.bool_]:
    """(n,) whether each differs from the one before it; the first does."""
    return np.append(True, values[1:] != values[:-1])


def _buckets(events: pa.Table) -> NDArray[np.int64]:
    ids = events[ACCOUNT_ID].dictionary_encode().unify_dictionaries().combine_chunks()
    of = np.array([bucket_of(name, LOG.log_buckets) for name in ids.dictionary.to_pylist()])
    found: NDArray[np.int64] = of[ids.indices.to_numpy()]
    return found


def _as_worker(rows: pd.DataFrame) -> pa.Table:
    """With every column that the worker writes."""
    found = pa.Table.from_pandas(rows, preserve_index=False)
    columns = [
        found[name].cast(kind) if name in rows else pa.nulls(len(rows), kind)
        for name, kind in zip(SCHEMA.names, SCHEMA.types, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def main() -> None:
    """Read the tables and make the snapshots, as `raak train` does; print the seconds of both."""
    catalogue = parse_catalogue(BANK.read_text(encoding="utf-8"), BANK.name)
    started = time.perf_counter()
    tables = read_tables(TABLES, catalogue, now=NOW, only=READS)
    read = time.perf_counter()
    rows = build_snapshots(tables, catalogue)
    done = time.perf_counter()
    print(json.dumps({"tables": read - started, "snapshots": done - read, "rows": len(rows)}))


if __name__ == "__main__":
    main()
