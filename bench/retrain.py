"""Retraining on ten million events: seconds from tables to snapshots, memory of the whole run.

The demo bank twelve times over, each from a seed of its own and under ids of its own, so that all
tables grow as they would at a larger bank. Events lie as `raak worker` leaves them: a file for each
day and account bucket. Made once, into bench/out; what is measured is the same reading and
the same snapshots as in `raak train`, in a process of their own, then `raak train` as a whole.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bench.cost import cost_of
from bench.figures import OUT, Figure, at_least, at_most, measured
from recommender.catalogue import Catalogue, parse_catalogue
from recommender.events.bucket import bucket_of
from recommender.tables import ACCOUNT_ID, AT, CASE_ID, EVENT_ID, EVENTS
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
BUCKETS = EventsConfig().log_buckets


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
    for bank in range(BANKS):
        for name, frame in bank_frames(catalogue, bank).items():
            parts.setdefault(name, []).append(frame)
    events = pd.concat(parts.pop(EVENTS.name), ignore_index=True)
    write_log(events, unfinished / EVENTS.name)
    del events
    while parts:
        name, frames = parts.popitem()
        write_tables(unfinished, {name: pd.concat(frames, ignore_index=True)})
    unfinished.rename(directory)


def bank_frames(catalogue: Catalogue, bank: int) -> dict[str, pd.DataFrame]:
    """One bank's tables, its ids its own: `b03-a000033`."""
    world = generate(catalogue, accounts=ACCOUNTS_EACH, months=MONTHS, seed=100 + bank, until=UNTIL)
    frames = {name: frame for name, frame in world.frames().items() if name not in TRUTHS}
    return {name: renamed(frame, f"b{bank:02}-") for name, frame in frames.items()}


def renamed(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """The same rows of other accounts, whose ids begin with `prefix`."""
    own = [name for name in (ACCOUNT_ID, EVENT_ID, CASE_ID) if name in frame]
    ids = {name: prefix + frame[name].astype("str") for name in own}
    return frame.assign(**{name: made.astype("category") for name, made in ids.items()})


def write_log(events: pd.DataFrame, root: Path) -> None:
    """`events` as the worker's log: `day=2026-11-23/bucket=07/<first>_<last>.parquet`."""
    accounts = events[ACCOUNT_ID].astype("category").cat
    buckets = np.array([bucket_of(name, BUCKETS) for name in accounts.categories])
    bucket = buckets[accounts.codes.to_numpy()]
    day = events[AT].to_numpy().astype("datetime64[D]")
    order = np.lexsort((events[AT].to_numpy(), bucket, day))
    day, bucket = day[order], bucket[order]
    last = np.append((day[1:] != day[:-1]) | (bucket[1:] != bucket[:-1]), True)
    ends = np.flatnonzero(last) + 1
    for start, end in _runs(ends):
        folder = root / f"day={day[start]}" / f"bucket={bucket[start]:02}"
        folder.mkdir(parents=True)
        rows = events.iloc[order[start:end]]
        pq.write_table(
            _as_worker(rows), folder / f"{start}-0_{end - 1}-0.parquet", compression="zstd"
        )


def _runs(ends: np.ndarray) -> Iterator[tuple[int, int]]:
    start = 0
    for end in ends.tolist():
        yield start, end
        start = end


def _as_worker(rows: pd.DataFrame) -> pa.Table:
    """With every column that the worker writes."""
    columns = [
        pa.array(rows[name], kind, from_pandas=True) if name in rows else pa.nulls(len(rows), kind)
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
