"""Transactions of 100,000 accounts over 24 months to what lies ahead of each: time, memory.

The load is the demo bank's: one bucket of accounts, repeated under other ids, as Parquet files. The
whole way is measured in a process of its own, as a publication goes it: learning from a sample what
accounts have in common, then every bucket on all cores: what recurs and what is spent, packed, and
from that the outlook that alerts are made from, for every account (its balance is that of its last
booking; no payments are known). Memory is the sum of the peaks of all processes that take part.
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
from typing import NamedTuple

import msgspec
import pandas as pd
import pyarrow.parquet as pq

from bench.cost import TO_BYTES
from bench.figures import Figure, at_most, measured
from recommender.catalogue import parse_catalogue
from recommender.money.finances import Finances, pack_finances, unpack_finances
from recommender.money.look_ahead import Standing, look_ahead_each
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
    yield measured("alerts_scale.short_ahead", cost["short"], "accounts")
    yield measured("alerts_scale.cpu_ms_per_account", cost["cpu_ms"], "ms")
    yield measured("alerts_scale.cpu_ms_of_looking_ahead", cost["looking_ms"], "ms")


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


class Worked(NamedTuple):
    """What one bucket came to; `short`: accounts that may go below zero in the coming weeks. Times
    are of the processor, `peak` is `peak_mb` then.
    """

    accounts: int
    series: int
    short: int
    seconds: float
    looking_seconds: float
    peak: tuple[int, float]


def worked(path: Path, peers: Peers) -> Worked:
    started = time.process_time()
    learnt: list[tuple[int, bytes]] = []
    series = short = 0
    for one in finances_of(bucket_of(path), UNTIL, CURRENCY_CODE, peers):
        series += len(one.series)
        going_on = tuple(each for each in one.series if not each.ended)
        packed = pack_finances(Finances(going_on, one.spending, UNTIL))
        learnt.append((one.balance_minor, packed))
    looking = time.process_time()
    known = (Standing(balance, (), unpack_finances(packed)) for balance, packed in learnt)
    for ahead in look_ahead_each(known, UNTIL, CURRENCY_CODE):
        short += bool(ahead.chance_permille)
        msgspec.msgpack.encode(ahead)
    ended = time.process_time()
    return Worked(len(learnt), series, short, ended - started, ended - looking, peak_mb())


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
        peaks = dict(part.peak for part in parts)
    accounts = sum(part.accounts for part in parts)
    cost = {
        "seconds": seconds,
        "peak_mb": sum(peaks.values()) + peak_mb()[1],
        "accounts": accounts,
        "series": sum(part.series for part in parts),
        "short": sum(part.short for part in parts),
        "cpu_ms": 1000 * sum(part.seconds for part in parts) / accounts,
        "looking_ms": 1000 * sum(part.looking_seconds for part in parts) / accounts,
    }
    print(json.dumps(cost))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
