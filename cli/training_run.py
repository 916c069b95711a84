"""The parts of `raak train` around the training itself: its window, its search, what it leaves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from recommender.catalogue import Catalogue
    from training.hybrid import HybridConfig
    from training.search import Attempt, Found
    from training.tables import Tables
    from training.tracking import DataFile, RunRecord, Tracker
    from training.train import TrainConfig, TrainedModel

REPORT = "report.html"


def configured(until: date | None, days: int) -> TrainConfig:
    """The defaults, but for the window of `days` days that ends at `until`."""
    from training.snapshots import SnapshotConfig
    from training.train import TrainConfig

    if until is None:
        return TrainConfig()
    window = SnapshotConfig(window_from=until - timedelta(days=days), window_until=until)
    return TrainConfig(snapshots=window)


def searched(
    read: Tables, declared: Catalogue, config: TrainConfig, trials: int, seed: int
) -> Found:
    """The settings that a search found on the rows which the report's trial learns from."""
    from training.search import SearchConfig, search
    from training.snapshots import build_snapshots
    from training.splits import by_time, first_day_of_latest

    snapshots = build_snapshots(read, declared, config.snapshots)
    first = first_day_of_latest(snapshots, config.trials.later_share)
    rows = by_time(snapshots, first).train
    best: list[float] = []

    def told(attempt: Attempt) -> None:
        if attempt.log_loss is not None:
            best.append(attempt.log_loss)
        bar.update(1, f"log loss {min(best):.4f}" if best else "")

    with click.progressbar(
        length=trials, label="searching", item_show_func=lambda said: said or ""
    ) as bar:
        found = search(
            rows, declared, config.hybrid, SearchConfig(), trials=trials, seed=seed, told=told
        )
    usual, chosen = found.attempts[0], found.best
    click.echo(
        f"best of {len(found.attempts)} trials: log loss {chosen.log_loss:.4f} "
        f"(usual settings: {usual.log_loss:.4f}); {shown(found.config)}"
    )
    return found


def shown(config: HybridConfig) -> str:
    from training.search.space import usual

    return ", ".join(
        f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in usual(config).items()
    )


def recorded(
    trained: TrainedModel, declared: Catalogue, tables: dict[str, DataFile], found: Found | None
) -> RunRecord:
    from recommender.artefact import MANIFEST, read_manifest
    from training.tracking import RunRecord, code_version

    manifest = read_manifest(trained.files[MANIFEST])
    return RunRecord(
        version=manifest.version,
        as_of=manifest.created_at,
        seed=manifest.config["seed"],
        config=manifest.config,
        catalogue_digest=declared.digest,
        data_window=manifest.data_window,
        tables=tables,
        metrics=manifest.metrics,
        code=code_version(),
        search=None if found is None else found.attempts,
    )


def all_files(trained: TrainedModel, catalogue: str, run: RunRecord) -> dict[str, bytes]:
    """What goes into the registry, by name: all but the report equal for equal inputs."""
    from training.drift.reference import REFERENCE
    from training.registry.store import CATALOGUE, TRIAL
    from training.report import render
    from training.tracking.record import RUN

    files = {**trained.files, CATALOGUE: catalogue.encode(), RUN: run.encode()}
    if trained.reference is not None:
        files[REFERENCE] = trained.reference.encode()
    files |= {TRIAL + name: content for name, content in trained.tried_files.items()}
    if trained.report is not None:
        files[REPORT] = render(trained.report).encode()
    return files


def log(tracked: Tracker, run: RunRecord, files: dict[str, bytes]) -> str:
    """Write the run to MLflow; the run's id there."""
    from training.tracking.record import metrics_of
    from training.train import flat

    digests = {f"tables.{name}": file.sha256 for name, file in run.tables.items()}
    return tracked.log(
        run.version,
        settings=flat(run.config),
        metrics=metrics_of(run.metrics),
        tags={
            **digests,
            "raak.version": run.code.raak,
            "raak.commit": run.code.commit or "",
            "raak.sources": run.code.sources,
            "catalogue": run.catalogue_digest,
        },
        files=files,
    )
