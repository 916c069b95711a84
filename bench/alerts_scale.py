"""Transactions of 100,000 accounts over 24 months to what recurs and what is spent: time, memory.

The load is the demo bank's: one bucket of accounts, repeated under other ids, as Parquet files. The
whole work is measured in a process of its own: learning from a sample what accounts have in common,
then every bucket on all cores. Memory is the sum of the peaks of all processes that take part.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

import msgspec
import pandas as pd
import pyarrow.parquet as pq

from bench.cost import TO_BYTES
from bench.figures import Figure, at_most, measured
from recommender.catalogue import parse_catalogue
from recommender.money.peers import Peers
from recommender.tables import ACCOUNT_ID, COUNTERPARTY, CURRENCY, SCHEME
from training.money import finances_of, peers_of
from training.tables import write_tables
from training.world import generate

BANK = Path(__file__).parents[1] / "examples" / "bank" / "catalogue.yaml"
BUCKET = 2_500
BUCKETS = 44
"""One account in twelve has no payment account, and so no transactions: they do not count."""
MONTHS = 24
UNTIL = date(2026, 11, 23)
SEED = 7
PROCESSES = 2
SECONDS_BAR = 180
PEAK_BAR_MB = 2_000
CURRENCY_CODE = "EUR"
PEERS = 500
"""Accounts from which the common is learnt."""


def measure() -> Iterable[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        rows = write_buckets(Path(folder))
        told = subprocess.run(
            [sys.executable, "-m", "bench.alerts_scale", folder],
            capture_output=True,
            text=True,
            check=True,
        )
    cost = json.loads(told.stdout)
    yield at_most("alerts_scale.seconds", cost["seconds"], "s", SECONDS_BAR)
    yield at_most("alerts_scale.peak_mb", cost["peak_mb"], "MB", PEAK_BAR_MB)
    yield measured("alerts_scale.accounts", cost["accounts"], "accounts")
    yield measured("alerts_scale.transactions", rows, "transactions")
    yield measured("alerts_scale.series", cost["series"], "series")
    yield measured("alerts_scale.cpu_ms_per_account", cost["cpu_ms"], "ms")


def write_buckets(folder: Path) -> int:
    """The demo bank's transactions, BUCKETS times; how many rows that is."""
    catalogue = parse_catalogue(BANK.read_text(encoding="utf-8"), BANK.name)
    world = generate(catalogue, accounts=BUCKET, months=MONTHS, seed=SEED, until=UNTIL)
    table = world.transactions
    ids = table[ACCOUNT_ID].cat.categories
    for bucket in range(BUCKETS):
        own = table[ACCOUNT_ID].cat.rename_categories([f"{bucket:02}-{one}" for one in ids])
        write_tables(folder / f"{bucket:02}", {"transactions": table.assign(account_id=own)})
    return BUCKETS * len(table)


def bucket_of(path: Path) -> pd.DataFrame:
    columns = [ACCOUNT_ID, CURRENCY, COUNTERPARTY, SCHEME]
    frame: pd.DataFrame = pq.read_table(path, read_dictionary=columns).to_pandas()
    return frame


def worked(path: Path, peers: Peers) -> tuple[int, int, float, tuple[int, float]]:
    """Accounts and series of one bucket, the seconds of processor it took, and `peak_mb` then."""
    started = time.process_time()
    accounts = series = 0
    for one in finances_of(bucket_of(path), UNTIL, CURRENCY_CODE, peers):
        accounts, series = accounts + 1, series + len(one.series)
        msgspec.msgpack.encode((one.series, one.spending))
    return accounts, series, time.process_time() - started, peak_mb()


def peak_mb() -> tuple[int, float]:
    """This process and its peak so far."""
    return os.getpid(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * TO_BYTES / 1e6


def main(folder: Path) -> None:
    """All buckets of `folder`; prints what it cost as JSON."""
    started = time.perf_counter()
    paths = sorted(folder.glob("*/transactions.parquet"))
    sample = bucket_of(paths[0])
    few = sample[ACCOUNT_ID].cat.codes < PEERS
    peers = peers_of(sample[few], UNTIL, CURRENCY_CODE)
    del sample
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        parts = list(pool.map(worked, paths, repeat(peers)))
        seconds = time.perf_counter() - started
        peaks = dict(part[3] for part in parts)
    accounts = sum(part[0] for part in parts)
    cost = {
        "seconds": seconds,
        "peak_mb": sum(peaks.values()) + peak_mb()[1],
        "accounts": accounts,
        "series": sum(part[1] for part in parts),
        "cpu_ms": 1000 * sum(part[2] for part in parts) / accounts,
    }
    print(json.dumps(cost))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
