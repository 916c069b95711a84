"""run.json names all that a run depended on; equal inputs give equal digests."""

from __future__ import annotations

import hashlib
from pathlib import Path

from recommender.catalogue import Catalogue
from training.tracking import code_version, data_files


def test_every_table_is_named_with_its_digest(tmp_path: Path, catalogue: Catalogue) -> None:
    (tmp_path / "accounts.csv").write_bytes(b"account_id\nann\n")
    (tmp_path / "holdings.parquet").write_bytes(b"PAR1")
    (tmp_path / "rejects.csv").write_bytes(b"not a table")
    found = data_files(tmp_path, catalogue)
    assert set(found) == {"accounts.csv", "holdings.parquet"}
    assert found["accounts.csv"].sha256 == hashlib.sha256(b"account_id\nann\n").hexdigest()
    assert found["accounts.csv"].bytes == 15


def test_every_file_of_an_event_log_is_named(tmp_path: Path, catalogue: Catalogue) -> None:
    day = tmp_path / "events" / "day=2026-11-22"
    day.mkdir(parents=True)
    for name in ("1-0_2-0.parquet", "3-0_4-0.parquet", ".unfinished.parquet"):
        (day / name).write_bytes(name.encode())
    assert set(data_files(tmp_path, catalogue)) == {
        "events/day=2026-11-22/1-0_2-0.parquet",
        "events/day=2026-11-22/3-0_4-0.parquet",
    }


def test_the_code_is_named_by_what_ran_not_only_by_a_commit(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "a.py").write_text("x = 1\n")
    before = code_version([package])
    assert code_version([package]) == before
    (package / "a.py").write_text("x = 2\n")
    assert code_version([package]).sources != before.sources
    assert "lightfm-next" in before.libraries
