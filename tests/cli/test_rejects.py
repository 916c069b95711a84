"""Where rejected rows go unless somebody says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.rejects import rejects_file


def test_rejects_lie_beside_the_tables_not_among_them(tmp_path: Path) -> None:
    assert rejects_file(None, tmp_path / "tables") == tmp_path / "tables.rejects.csv"


def test_the_directory_one_is_in_has_a_name_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tables").mkdir()
    monkeypatch.chdir(tmp_path / "tables")
    assert rejects_file(None, Path()) == tmp_path / "tables.rejects.csv"


def test_a_file_that_was_asked_for_is_taken(tmp_path: Path) -> None:
    assert rejects_file(tmp_path / "wrong.parquet", tmp_path) == tmp_path / "wrong.parquet"
