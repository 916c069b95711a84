"""`raak train`: an artefact, a report and the metrics, or one clear line."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from cli.bank import catalogue_file
from cli.main import main
from recommender.artefact import read_artefact
from recommender.catalogue import parse_catalogue
from training.artefact import read_directory
from training.tables import write_tables
from training.world import generate

ACCOUNTS = 450


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    catalogue = parse_catalogue(catalogue_file().read_text(encoding="utf-8"), "catalogue.yaml")
    today = datetime.now(UTC).date()
    world = generate(catalogue, accounts=ACCOUNTS, months=12, seed=5, until=today)
    write_tables(folder, world.frames())
    return folder


def train(tables: Path, out: Path, *arguments: str, catalogue: Path | None = None) -> Result:
    where = ("--tables", str(tables), "--catalogue", str(catalogue or catalogue_file()))
    return CliRunner().invoke(main, ["train", *where, "--out", str(out), *arguments])


def with_table(tables: Path, folder: Path, name: str, frame: pd.DataFrame | None) -> Path:
    """A copy of `tables` in `folder` with one table replaced, or left out."""
    folder.mkdir()
    for file in tables.glob("*.parquet"):
        if file.stem != name:
            (folder / file.name).symlink_to(file)
    if frame is not None:
        frame.to_parquet(folder / f"{name}.parquet")
    return folder


def assert_one_clear_line(result: Result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    lines = [line for line in result.stderr.splitlines() if line]
    assert len(lines) == 1
    assert lines[0].startswith("error: ")
    assert all(word in lines[0] for word in words), lines[0]


def test_the_artefact_and_its_report_are_written_and_the_metrics_shown(
    tables: Path, tmp_path: Path
) -> None:
    result = train(tables, tmp_path / "models")
    assert result.exit_code == 0, result.output
    (place,) = (tmp_path / "models").glob("*/")
    assert read_artefact(read_directory(place)).version == place.name
    assert "<!doctype html>" in (place / "report.html").read_text(encoding="utf-8")
    for words in ("what came later", "unseen accounts", "hybrid", "lightgbm", "nDCG@5", str(place)):
        assert words in result.output


def test_without_a_report_there_is_only_the_artefact(tables: Path, tmp_path: Path) -> None:
    result = train(tables, tmp_path, "--no-report")
    assert result.exit_code == 0, result.output
    (place,) = tmp_path.glob("*/")
    assert not (place / "report.html").exists()
    assert read_artefact(read_directory(place)).version == place.name


def test_a_missing_table_is_named(tables: Path, tmp_path: Path) -> None:
    without = with_table(tables, tmp_path / "tables", "holdings", None)
    assert_one_clear_line(train(without, tmp_path / "models"), "holdings")
    assert not (tmp_path / "models").exists()


def test_an_empty_table_is_named(tables: Path, tmp_path: Path) -> None:
    nobody = pd.read_parquet(tables / "accounts.parquet").iloc[:0]
    empty = with_table(tables, tmp_path / "tables", "accounts", nobody)
    assert_one_clear_line(train(empty, tmp_path / "models"), "accounts.parquet", "empty")


def test_too_few_takings_are_counted(tables: Path, tmp_path: Path) -> None:
    few = pd.read_parquet(tables / "holdings.parquet").iloc[:30]
    small = with_table(tables, tmp_path / "tables", "holdings", few)
    assert_one_clear_line(train(small, tmp_path / "models"), "rows to learn from")


def test_products_that_the_catalogue_does_not_know_stop_the_run(
    tables: Path, tmp_path: Path
) -> None:
    foreign = pd.read_parquet(tables / "holdings.parquet").astype({"product_id": "str"})
    foreign.loc[:99, "product_id"] = "moon_mortgage"
    strange = with_table(tables, tmp_path / "tables", "holdings", foreign)
    assert_one_clear_line(train(strange, tmp_path / "models"), "unknown product (100)")


def test_mistakes_in_the_catalogue_are_shown_with_the_file(tables: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "mine.yaml"
    text = catalogue_file().read_text(encoding="utf-8")
    wrong.write_text(text.replace("half_life_days", "half_live_days"), encoding="utf-8")
    result = train(tables, tmp_path / "models", catalogue=wrong)
    assert result.exit_code == 2
    assert f"error: {wrong}:" in result.stderr
    assert "half_life_days" in result.stderr


def test_a_place_that_cannot_be_written_to_is_named(tables: Path, tmp_path: Path) -> None:
    taken = tmp_path / "models"
    taken.write_text("a file", encoding="utf-8")
    result = train(tables, taken, "--no-report")
    assert result.exit_code == 2
    assert str(taken) in result.stderr


def test_equal_inputs_as_of_an_equal_instant_leave_equal_bytes(
    tables: Path, tmp_path: Path
) -> None:
    made = []
    for name in ("first", "second"):
        result = train(tables, tmp_path / name, "--as-of", as_of())
        assert result.exit_code == 0, result.output
        (place,) = (tmp_path / name).glob("*/")
        made.append({file.name: file.read_bytes() for file in place.iterdir()})
    first, second = made
    assert set(first) >= {"run.json", "catalogue.yaml", "trial.manifest.json", "report.html"}
    different = {name for name, content in first.items() if second[name] != content}
    assert different <= {"report.html"}, "the report tells how long it took"


def test_the_run_names_its_tables_settings_code_and_window(tables: Path, tmp_path: Path) -> None:
    arguments = ("--no-report", "--as-of", as_of(), "--window-days", "330", "--seed", "3")
    assert train(tables, tmp_path, *arguments).exit_code == 0
    (place,) = tmp_path.glob("*/")
    run = json.loads((place / "run.json").read_bytes())
    holdings = (tables / "holdings.parquet").read_bytes()
    assert run["tables"]["holdings.parquet"]["sha256"] == hashlib.sha256(holdings).hexdigest()
    assert run["seed"] == 3
    first_day = (datetime.fromisoformat(as_of()) - timedelta(days=330)).date().isoformat()
    assert run["config"]["snapshots"]["window_from"] == first_day
    assert run["data_window"]["from"] >= first_day
    assert len(run["code"]["sources"]) == 64


def test_a_search_tries_the_usual_settings_and_others_and_notes_them(
    tables: Path, tmp_path: Path
) -> None:
    result = train(tables, tmp_path, "--no-report", "--search", "2")
    assert result.exit_code == 0, result.output
    assert "best of 2 trials: log loss" in result.output
    (place,) = tmp_path.glob("*/")
    run = json.loads((place / "run.json").read_bytes())
    assert [attempt["number"] for attempt in run["search"]] == [0, 1]
    best = min(run["search"], key=lambda attempt: attempt["log_loss"])
    chosen = run["config"]["hybrid"]["corrections"]["trust"]
    assert chosen == best["settings"]["corrections.trust"]


def as_of() -> str:
    return f"{datetime.now(UTC).date().isoformat()}T00:00:00"
