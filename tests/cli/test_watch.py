"""`raak watch`: readings, a page and metrics for the champion; warnings that can stop a job."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import redis
from click.testing import CliRunner, Result

from cli.bank import catalogue_file
from cli.embedded import EmbeddedValkey
from cli.main import main
from cli.training_run import all_files, recorded
from recommender import keyspace
from recommender.catalogue import parse_catalogue
from training.registry import Registry
from training.tables import read_tables, write_tables
from training.train import TrainConfig, train
from training.trials import TrialConfig
from training.world import generate

NOW = datetime.now(UTC)
LEARNT_UNTIL: date = NOW.date() - timedelta(days=80)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    catalogue = parse_catalogue(catalogue_file().read_text(encoding="utf-8"), "catalogue.yaml")
    made = generate(catalogue, accounts=900, months=12, seed=5, until=NOW.date())
    write_tables(folder, made.frames())
    return folder


@pytest.fixture(scope="module")
def version(registry: Path) -> str:
    return Registry(str(registry)).versions()[0]


@pytest.fixture(scope="module")
def registry(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that learnt until eighty days ago; nobody has promoted it."""
    place = tmp_path_factory.mktemp("registry")
    text = catalogue_file().read_text(encoding="utf-8")
    catalogue = parse_catalogue(text, "catalogue.yaml")
    read = read_tables(tables, catalogue, now=NOW)
    config = TrainConfig(trials=TrialConfig(resamples=10))
    window = config.snapshots.model_copy(update={"window_until": LEARNT_UNTIL})
    config = config.model_copy(update={"snapshots": window})
    trained = train(read, catalogue, config, created_at=NOW)
    files = all_files(trained, text, recorded(trained, catalogue, {}, None))
    Registry(str(place)).add(trained.model.version, files, at=NOW.isoformat(), by="me")
    return place


def watch(registry: Path, tables: Path, *arguments: object) -> Result:
    where = ("--registry", registry, "--tables", tables)
    return CliRunner().invoke(main, ["watch", *map(str, (*where, *arguments))])


def test_the_readings_are_shown_and_a_page_and_metrics_written(
    registry: Path, tables: Path, version: str, tmp_path: Path
) -> None:
    page, metrics = tmp_path / "watch.html", tmp_path / "raak.prom"
    said = watch(
        registry, tables, "--model", version, "--out", page, "--metrics", metrics, "--strict"
    )
    assert said.exit_code == 0, said.output
    for words in ("takings since it learnt", "score_psi", "fallback_share", "fresh_ndcg_at_5"):
        assert words in said.output
    assert version in page.read_text(encoding="utf-8")
    assert f'raak_watch_warnings{{model="{version}"}} 0.0' in metrics.read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raak.prom", "watch.html"]


def test_drift_is_a_warning_and_with_strict_an_exit_code_of_its_own(
    registry: Path, tables: Path, version: str, tmp_path: Path
) -> None:
    drifted = tmp_path / "tables"
    shutil.copytree(tables, drifted)
    people = pd.read_parquet(tables / "accounts.parquet")
    people.assign(region="north").to_parquet(drifted / "accounts.parquet")
    said = watch(registry, drifted, "--model", version, "--strict")
    assert said.exit_code == 3, said.output
    assert "warning: input_psi region:" in said.stderr
    assert watch(registry, drifted, "--model", version).exit_code == 0


def test_events_that_no_worker_folds_are_a_warning(
    valkey: EmbeddedValkey,
    registry: Path,
    tables: Path,
    version: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RAAK_REDIS_URL", valkey.url)
    page, metrics = tmp_path / "watch.html", tmp_path / "raak.prom"
    written = ("--model", version, "--out", page, "--metrics", metrics, "--strict")
    assert watch(registry, tables, *written).exit_code == 0
    assert f'raak_event_wait_seconds{{model="{version}"}} 0.0' in metrics.read_text()
    with redis.Redis.from_url(valkey.url) as client:
        client.xadd(keyspace.EVENTS, {"e": "{}"}, id="1-0")  # in 1970
    said = watch(registry, tables, *written)
    assert said.exit_code == 3, said.output
    assert "warning: event_wait_seconds:" in said.stderr
    assert "event_wait_seconds" in page.read_text(encoding="utf-8")


def test_without_a_champion_a_model_must_be_named(registry: Path, tables: Path) -> None:
    said = watch(registry, tables)
    assert said.exit_code == 2
    assert "has no champion yet" in said.stderr


def test_a_version_without_a_reference_says_so(
    registry: Path, tables: Path, version: str, tmp_path: Path
) -> None:
    older = tmp_path / "registry"
    shutil.copytree(registry, older)
    (older / version / "reference.json").unlink()
    said = watch(older, tables, "--model", version)
    assert said.exit_code == 2
    assert "carries no reference.json" in said.stderr
