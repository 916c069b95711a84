"""`raak simulate` over 100,000 accounts: the demo bank's people, each five times under other ids.

The rate counts the decisions of both sides, before and after, for every second of every core from
the moment all tables are read: the start of processes, building accounts out of the tables,
deciding, counting and putting together. What reading the buckets takes is left out of it
(`simulate.reading_us_per_account` has it). `cpu_us_per_decision` is the processor time of the same,
but for the start of processes: where a machine is busy with other things, look at that.

The change is one policy more and a smaller budget. Memory is that of the largest process of
`raak simulate`, on 20,000 accounts and on 100,000.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from bench.cost import Cost, cost_of
from bench.figures import OUT, Figure, at_least, at_most, measured
from bench.retrain import renamed
from bench.serving.bank import demo_bundle
from recommender.artefact import MANIFEST, read_manifest
from recommender.catalogue import Catalogue, parse_catalogue
from recommender.catalogue.proposal import proposed
from recommender.decide import decide_all
from recommender.live import Bundle, open_bundle, pack_bundle, read_bundle
from recommender.registry import Move, MoveKind
from recommender.request import Request
from training.accounts import build_accounts
from training.registry import Registry
from training.registry.store import CATALOGUE
from training.simulation import Buckets, Scene, Sides, cut, simulate
from training.simulation.scene import TOGETHER, no_collection
from training.tables import read_tables, write_tables
from training.world import generate

ACCOUNTS_EACH = 20_000
TIMES = 5
MONTHS = 6
AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
RATE_BAR = 8_000
SAMPLED = 4
"""Buckets whose processor time is measured."""
GROWTH_BAR = 1.15
"""Peak memory at five times the accounts over that at one time."""
TABLES = OUT / "simulate"
CHANGE = """
policies:
  - {id: no_sales_during_complaint, stage: suitable, applies_to: all,
     when: {not: {open_case: complaint}}}
  - {id: no_sales_while_we_are_late, stage: suitable, applies_to: all,
     when: {not: {broken_promise: true}}}
  - {id: no_sales_to_the_unhappy, stage: suitable, applies_to: all,
     when: {not: {dissatisfied: {below: 40, days: 30}}}}
  - {id: no_credit_in_shortfall, stage: suitable, applies_to: {types: [credit]},
     when: {not: {projected_shortfall: true}}}
  - {id: no_sales_in_shortfall, stage: suitable,
     applies_to: {types: [annuity, bike_insurance, building_insurance, deposit, device_insurance,
       disability_insurance, energy, guarantee, insurance, investment, lease, liability_insurance,
       pension, service, software, travel_insurance]},
     when: {not: {projected_shortfall: seen}}}
  - {id: credit_from_21, stage: eligible, applies_to: {types: [credit]},
     when: {age: {at_least: 21}}}
contact: {marketing_per_week: 2}
"""


def measure() -> Iterable[Figure]:
    bundle = open_bundle(*demo_bundle())
    catalogue = parse_catalogue(bundle.catalogue)
    small, large = TABLES / "once", TABLES / f"{TIMES}-times"
    if not large.is_dir():
        make(catalogue, small, large)
    yield from rate(bundle, catalogue, large)
    with tempfile.TemporaryDirectory() as folder:
        whole = whole_command(Path(folder), bundle)
        once, times = whole(small), whole(large)
    yield measured("simulate.whole_s", times.seconds, "s")
    yield measured("simulate.peak_mb", times.peak_mb, "MB")
    yield measured(f"simulate.peak_mb_at_{ACCOUNTS_EACH}", once.peak_mb, "MB")
    yield at_most("simulate.peak_growth", times.peak_mb / once.peak_mb, "", GROWTH_BAR)


def rate(bundle: Bundle, catalogue: Catalogue, tables: Path) -> Iterator[Figure]:
    """Decisions a second and core, and what becomes of a second."""
    after = proposed(bundle.catalogue, CHANGE, "change.yaml")
    packed = [pack_bundle(text, bundle.artefact) for text in (bundle.catalogue, after)]
    sides = Sides(packed[0], packed[1], Request(AT), AT)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        buckets = cut(tables, (catalogue, parse_catalogue(after)), Path(folder))
        cut_s = time.perf_counter() - began
        cores = os.cpu_count() or 1
        began = time.perf_counter()
        counted = simulate(buckets, sides, cores)
        seconds = time.perf_counter() - began
        alone_us = decide_us(buckets, sides)
        cpu_us = cpu_us_per_decision(buckets, sides)
    busy = seconds * cores - counted.reading_s
    decisions = 2 * buckets.accounts
    yield at_least("simulate.decisions_per_s_per_core", decisions / busy, "1/s", RATE_BAR)
    yield measured("simulate.us_per_decision", 1e6 * busy / decisions, "us")
    yield measured("simulate.cpu_us_per_decision", cpu_us, "us")
    yield measured("simulate.decide_alone_us", alone_us, "us")
    reading = cut_s + counted.reading_s
    yield measured("simulate.reading_us_per_account", 1e6 * reading / buckets.accounts, "us")
    yield measured("simulate.accounts", buckets.accounts, "accounts")


def cpu_us_per_decision(buckets: Buckets, sides: Sides) -> float:
    """Microseconds of processor time, without reading, which other programs disturb less."""
    scene, accounts, spent = Scene.of(sides), 0, 0.0
    for directory in buckets.directories[:SAMPLED]:
        began = time.process_time()
        counted = scene.count(directory)
        done = time.process_time()
        read_tables(directory, scene.after.catalogue, now=AT, of_a_bucket=True)
        spent += done - began - (time.process_time() - done)
        accounts += sum(both.accounts for both in counted.tally.cells.values())
    return 1e6 * spent / (2 * accounts)


def decide_us(buckets: Buckets, sides: Sides) -> float:
    """Microseconds of processor time that `decide_all` takes of that."""
    live = read_bundle(*sides.before)
    read = read_tables(buckets.directories[0], live.catalogue, now=AT, of_a_bucket=True)
    asked = [(one, sides.request) for one in build_accounts(read, live.catalogue, AT)]
    with no_collection():
        began = time.process_time()
        for start in range(0, len(asked), TOGETHER):
            decide_all(asked[start : start + TOGETHER], live)
        return 1e6 * (time.process_time() - began) / len(asked)


def whole_command(folder: Path, bundle: Bundle) -> Callable[[Path], Cost]:
    """What `raak simulate` costs over a directory of tables, with a registry in `folder`."""
    registry, change = Registry(str(folder / "models")), folder / "change.yaml"
    change.write_text(CHANGE, encoding="utf-8")
    version = read_manifest(bundle.artefact[MANIFEST]).version
    files = {**bundle.artefact, CATALOGUE: bundle.catalogue.encode()}
    registry.add(version, files, at=AT.isoformat(), by="bench")
    promoted = Move(AT.isoformat(), MoveKind.PROMOTED, version, "bench")
    registry.record(registry.ledger(), promoted)
    options = ("--registry", folder / "models", "--policy", change, "--out", folder / "page.html")
    at = f"{AT:%Y-%m-%dT%H:%M:%S}"
    return lambda tables: cost_of("simulate", "--tables", tables, "--at", at, *options)


def make(catalogue: Catalogue, once: Path, times: Path) -> None:
    """Write the bank once, and several times over under other ids."""
    until = date(AT.year, AT.month, AT.day)
    world = generate(catalogue, accounts=ACCOUNTS_EACH, months=MONTHS, seed=7, until=until)
    frames = {name: frame for name, frame in world.frames().items() if name != "truth"}
    write_tables(once, frames)
    unfinished = times.with_name(f"{times.name}.part")
    for name, frame in frames.items():
        copies = [renamed(frame, f"{copy}-") for copy in range(TIMES)]
        write_tables(unfinished, {name: pd.concat(copies, ignore_index=True)})
    unfinished.rename(times)
