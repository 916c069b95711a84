"""What Raak adds to LightFM's own `fit`: snapshots, corrections, calibration and artefact.

The demo bank at full size, its tables read as `raak train` reads them. Baselines and report are
apart: they are there to judge a model, not to make one. So is the leak guard, which gets a figure
of its own. Both sides have the same rows, settings and thread, and exclude reading the tables.
The memory is that of `raak train` as operators run it, in a process of its own.
Processor time, so that a busy machine does not decide; everything here runs on one thread.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from threadpoolctl import threadpool_limits

from bench.cost import cost_of
from bench.figures import Figure, at_most, measured
from recommender.catalogue import Catalogue, parse_catalogue
from training.leakage import guard
from training.lightfm_fit import factorise, product_features
from training.snapshots import Snapshots, build_snapshots
from training.splits import drawn_accounts
from training.tables import Tables, read_tables, write_tables
from training.train import TrainConfig, train
from training.world import generate

ACCOUNTS = 20_000
MONTHS = 12
UNTIL = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SEED = 1
ROUNDS = 3
BANK = Path(__file__).parents[1] / "examples" / "bank" / "catalogue.yaml"


def measure() -> Iterable[Figure]:
    """The ratio of a whole training to LightFM's own fit: the median of three pairs in turn."""
    catalogue = parse_catalogue(BANK.read_text(encoding="utf-8"), BANK.name)
    with tempfile.TemporaryDirectory() as folder:
        write_world(catalogue, Path(folder))
        tables, reading = timed_reading(catalogue, Path(folder))
        peak = train_peak_mb(Path(folder))
    config = TrainConfig()
    snapshots = build_snapshots(tables, catalogue, config.snapshots)
    rounds = []
    with threadpool_limits(1):
        for _ in range(ROUNDS):
            own = lightfm_alone(snapshots, catalogue, config)
            whole = seconds(
                train, tables, catalogue, config, created_at=NOW, seed=SEED, with_trials=False
            )
            guarding = seconds(guard, snapshots, tables, catalogue, seed=SEED)
            rounds.append(((whole - guarding) / own, whole / own, own, whole))
    without_guard, with_guard, own, whole = sorted(rounds)[len(rounds) // 2]
    yield at_most("training.over_lightfm_fit", without_guard, "x", 1.3)
    yield measured("training.with_leak_guard_over_lightfm_fit", with_guard, "x")
    yield measured("training.lightfm_fit_s", own, "s")
    yield measured("training.whole_s", whole, "s")
    yield measured("training.read_tables_s", reading, "s")
    yield measured("training.rows", len(snapshots), "rows")
    yield measured("training.peak_mb", peak, "MB")


def write_world(catalogue: Catalogue, folder: Path) -> None:
    """The demo bank's tables as files."""
    world = generate(catalogue, accounts=ACCOUNTS, months=MONTHS, seed=7, until=UNTIL)
    write_tables(folder, world.frames())


def timed_reading(catalogue: Catalogue, folder: Path) -> tuple[Tables, float]:
    """The tables, and the seconds of processor it took to read them."""
    started = time.process_time()
    tables = read_tables(folder, catalogue, now=NOW)
    return tables, time.process_time() - started


def train_peak_mb(tables: Path) -> float:
    """The most memory that `raak train` has, its report and baselines included."""
    with tempfile.TemporaryDirectory() as models:
        source = ("--tables", tables, "--catalogue", BANK, "--as-of", f"{NOW:%Y-%m-%dT%H:%M:%S}")
        return cost_of("train", *source, "--out", models).peak_mb


def seconds(call: Callable[..., object], *arguments: object, **named: object) -> float:
    """Seconds of processor that a call takes."""
    started = time.process_time()
    call(*arguments, **named)
    return time.process_time() - started


def lightfm_alone(snapshots: Snapshots, catalogue: Catalogue, config: TrainConfig) -> float:
    """Seconds of processor for LightFM's `fit` on exactly the rows that training gives it."""
    share = config.hybrid.calibration.share_of(len(snapshots))
    rows = snapshots.take(~drawn_accounts(snapshots, share, seed=SEED))
    features = product_features(rows.products, catalogue)
    return seconds(factorise, rows, features, config.hybrid.factorisation, seed=SEED)
