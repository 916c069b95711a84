"""Transactions of 100,000 accounts over 24 months to what lies ahead of each: time, memory.

The load is the demo bank's: its people and their tables, COPIES times under other ids, each copy's
transactions a file of one table. What is measured is what `raak publish` does between the files and
the accounts, in a process of its own: every row is read, checked and put away by account; what
accounts have in common is learnt from a sample; then bucket by bucket on all cores what recurs and
what is spent, and from that the outlook that alerts are made from. Memory is the sum of the peaks
of all processes that take part, whenever each had its own; pages that they share count in each.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from bench.cost import peak_of_all_mb
from bench.figures import Figure, at_least, at_most, measured
from bench.retrain import renamed
from recommender.catalogue import parse_catalogue
from recommender.money.finances import unpack_finances
from recommender.tables import ACCOUNTS, HOLDINGS, SCHEDULED_PAYMENTS, TRANSACTIONS
from training.accounts.money import Heard, finances_in, look_ahead_in
from training.tables import read_tables, write_tables
from training.world import generate

BANK = Path(__file__).parents[1] / "examples" / "bank" / "catalogue.yaml"
PEOPLE = 2_500
COPIES = 44
"""One account in twelve has no payment account, and so no transactions: they do not count."""
MONTHS = 24
UNTIL = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SEED = 7
LEAST_ACCOUNTS = 100_000
SECONDS_BAR = 180
PEAK_BAR_MB = 2_000
READ = (ACCOUNTS.name, HOLDINGS.name, SCHEDULED_PAYMENTS.name, TRANSACTIONS.name)


def measure() -> Iterable[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        tables = Path(folder) / "tables"
        rows = write_bank(tables)
        command = [sys.executable, "-m", "bench.alerts_scale", str(tables)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            peak_mb = peak_of_all_mb(process)
            told = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise RuntimeError(f"bench.alerts_scale ended with {process.returncode}")
    cost = json.loads(told)
    yield at_most("alerts_scale.seconds", cost["seconds"], "s", SECONDS_BAR)
    yield at_most("alerts_scale.peak_mb", peak_mb, "MB", PEAK_BAR_MB)
    yield at_least("alerts_scale.accounts", cost["accounts"], "accounts", LEAST_ACCOUNTS)
    yield measured("alerts_scale.transactions", rows, "transactions")
    yield measured("alerts_scale.series", cost["series"], "series")
    yield measured("alerts_scale.short_ahead", cost["short"], "accounts")
    yield measured("alerts_scale.reading_s", cost["reading_s"], "s")
    yield measured("alerts_scale.looking_ahead_s", cost["looking_s"], "s")


def write_bank(folder: Path) -> int:
    """The tables of all copies; how many transactions they have."""
    catalogue = parse_catalogue(BANK.read_text(encoding="utf-8"), BANK.name)
    world = generate(catalogue, accounts=PEOPLE, months=MONTHS, seed=SEED, until=UNTIL)
    frames = {name: frame for name, frame in world.frames().items() if name in READ}
    transactions = frames.pop(TRANSACTIONS.name)
    prefixes = [f"{copy:02}-" for copy in range(COPIES)]
    for prefix in prefixes:
        part = {f"part-{prefix}": renamed(transactions, prefix)}
        write_tables(folder / TRANSACTIONS.name, part)
    for name, frame in frames.items():
        copies = pd.concat([renamed(frame, prefix) for prefix in prefixes], ignore_index=True)
        write_tables(folder, {name: copies})
    return COPIES * len(transactions)


def main(tables: Path) -> None:
    """From the files to what lies ahead of each account; prints what it cost as JSON."""
    catalogue = parse_catalogue(BANK.read_text(encoding="utf-8"), BANK.name)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as apart:
        heard = Heard(Path(apart), catalogue, NOW)
        hand_on = {TRANSACTIONS.name: heard.add}
        read = read_tables(tables, catalogue, now=NOW, only=READ, handed_on=hand_on)
        reading_s = time.perf_counter() - started
        kept = finances_in(tables, read, catalogue, NOW, heard)
        looking = time.perf_counter()
        money = look_ahead_in(tables, read, catalogue, NOW, heard, kept)
    ended = time.perf_counter()
    ahead = map(money.ahead_of, money.ahead)
    cost = {
        "seconds": ended - started,
        "reading_s": reading_s,
        "looking_s": ended - looking,
        "accounts": len(money.finances),
        "series": sum(len(unpack_finances(one).series) for one in money.finances.values()),
        "short": sum(one is not None and bool(one.chance_permille) for one in ahead),
    }
    print(json.dumps(cost))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
