"""`raak world` writes tables that training accepts to the last row."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner, Result

from cli.bank import catalogue_file
from cli.main import main
from recommender.catalogue import parse_catalogue
from training.tables import read_tables

UNTIL = datetime(2026, 11, 23, tzinfo=UTC)


def world(directory: Path, *arguments: str) -> Result:
    options = ["--accounts", "60", "--months", "3", "--until", f"{UNTIL:%Y-%m-%d}", *arguments]
    return CliRunner().invoke(main, ["world", str(directory), *options])


def digests(directory: Path) -> dict[str, str]:
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in directory.iterdir()
    }


def test_every_row_is_accepted_and_the_well_known_are_there(tmp_path: Path) -> None:
    result = world(tmp_path)
    assert result.exit_code == 0, result.output
    catalogue = parse_catalogue(catalogue_file().read_text(encoding="utf-8"), "catalogue.yaml")
    tables = read_tables(tmp_path, catalogue, now=UNTIL, rejects_to=tmp_path / "rejects.csv")
    assert len(tables.rejects) == 0
    assert len(tables.accounts) == 60
    assert {"demo-student", "demo-complaint", "demo-shortfall"} <= set(
        tables.accounts["account_id"]
    )


def test_equal_options_give_equal_files_and_another_seed_gives_others(tmp_path: Path) -> None:
    for name, seed in (("one", "3"), ("same", "3"), ("other", "4")):
        assert world(tmp_path / name, "--seed", seed).exit_code == 0
    assert digests(tmp_path / "one") == digests(tmp_path / "same")
    assert digests(tmp_path / "one") != digests(tmp_path / "other")


def test_an_impossible_wish_is_one_clear_message(tmp_path: Path) -> None:
    result = world(tmp_path, "--months", "100000")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
