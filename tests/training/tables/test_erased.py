"""Erased accounts: tables that still have them read as if they did not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from recommender.errors import TableError
from recommender.tombstone import FILE, digest, read_tombstones, write_tombstones
from tests.recommender.bank import bank
from tests.training.tables.small import NOW, small_frames, write_csv
from training.tables import Tables, read_tables, write_tables

people = st.sampled_from([(), ("ann",), ("bob",), ("nobody",), ("ann", "nobody")])


def entomb(folder: Path, *account_ids: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / FILE).write_text(write_tombstones(map(digest, account_ids)))


@given(erased=people, write=st.sampled_from([write_tables, write_csv]), beside=st.booleans())
@settings(max_examples=20)
def test_rows_of_the_erased_are_as_if_they_were_not_there(
    erased: tuple[str, ...],
    write: Callable[[Path, Mapping[str, pd.DataFrame]], None],
    beside: bool,
) -> None:
    frames = small_frames()
    frames["events"].loc[0, "kind"] = "nonsense"  # one of ann's rows is rejected, if it is there
    without = {name: frame[~frame["account_id"].isin(erased)] for name, frame in frames.items()}
    with TemporaryDirectory() as folder:
        have, have_not, log = (Path(folder) / name for name in ("have", "have-not", "log"))
        for directory, content in ((have, frames), (have_not, without)):
            directory.mkdir()
            write(directory, content)
        entomb(log if beside else have, *erased)
        read = read_tables(have, bank(), now=NOW, max_reject_share=1.0, event_log=log)
        expected = read_tables(have_not, bank(), now=NOW, max_reject_share=1.0)
    for name, frame in expected.frames().items():
        assert_frame_equal(read.frames()[name], frame)
    assert_frame_equal(read.rejects, expected.rejects)
    assert counted(read) == {
        name: len(frame) - len(without[name])
        for name, frame in frames.items()
        if len(frame) > len(without[name])
    }


def counted(read: Tables) -> dict[str, int]:
    return {str(table): int(rows) for table, rows in read.erased.to_numpy()}


def test_the_event_log_among_the_tables_says_who_was_erased_too(tmp_path: Path) -> None:
    write_tables(tmp_path, small_frames())
    frame = (tmp_path / "events.parquet").read_bytes()
    (tmp_path / "events.parquet").unlink()
    entomb(tmp_path / "events", "bob")
    (tmp_path / "events" / "1-0_2-0.parquet").write_bytes(frame)
    read = read_tables(tmp_path, bank(), now=NOW)
    assert "bob" not in read.accounts["account_id"].tolist()
    assert set(read.events["account_id"]) == {"ann"}


def test_a_damaged_file_of_tombstones_stops_the_run(tmp_path: Path) -> None:
    write_tables(tmp_path, small_frames())
    (tmp_path / FILE).write_text("ann\n")
    with pytest.raises(TableError, match=r"erased\.txt cannot be read.* line 1 is no tombstone"):
        read_tables(tmp_path, bank(), now=NOW)


@given(st.sets(st.text(max_size=8)))
def test_tombstones_are_read_as_they_were_written(account_ids: set[str]) -> None:
    tombstones = frozenset(map(digest, account_ids))
    text = write_tombstones(tombstones)
    assert read_tombstones(text) == tombstones
    assert all(len(line) == 32 for line in text.splitlines())
