"""Laws of reading in pieces: however a table is cut, its rows and its rejects are the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from recommender.tables import ACCOUNTS
from tests.recommender.bank import bank
from tests.recommender.events.told import NOW
from tests.training.tables.small import small_frames
from training.tables import Tables, files, read_tables, write_tables

IDS = ["e1", "e2", "e3", "e4", "e5", None]
events = st.fixed_dictionaries(
    {
        "event_id": st.sampled_from(IDS),
        "account_id": st.sampled_from(["ann", "bob", "cas", "nobody"]),
        "at": st.sampled_from([pd.Timestamp("2026-01-02T03:04:05"), pd.Timestamp("2099-01-01")]),
        "kind": st.sampled_from(["page_view", "rating", "context_change", "nonsense"]),
        "product_id": st.none(),
        "domain": st.none(),
        "channel": st.just("web"),
        "value": st.sampled_from([None, "5", "7", "loud", "occupation:student>employed"]),
    }
)


def read_in_pieces(frame: pd.DataFrame, rows: int, group: int = 1) -> Tables:
    """`frame` as the events of the small bank, in pieces of at most `rows` rows; the file has row
    groups of `group` rows.
    """
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        write_tables(Path(folder), small_frames())
        table = pa.Table.from_pandas(frame, preserve_index=False)
        pq.write_table(table, Path(folder) / "events.parquet", row_group_size=group)
        patch.setattr(files, "ROWS_IN_PIECE", rows)
        return read_tables(Path(folder), bank(), now=NOW, max_reject_share=1.0)


@given(
    rows=st.lists(events, min_size=1, max_size=14),
    cut=st.integers(1, 13),
    group=st.sampled_from([1, 3, 20]),
)
@settings(max_examples=20, deadline=None)
def test_a_table_in_pieces_is_the_table_in_one(
    rows: list[dict[str, Any]], cut: int, group: int
) -> None:
    frame = pd.DataFrame(rows).astype(dict.fromkeys(("product_id", "domain", "value"), "str"))
    whole, pieces = read_in_pieces(frame, len(rows)), read_in_pieces(frame, cut, group)
    for name, expected in whole.frames().items():
        assert_frame_equal(pieces.frames()[name], expected)
    assert_frame_equal(pieces.rejects, whole.rejects)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 12))
def test_no_piece_is_larger_than_it_may_be(rows: int, group: int, most: int) -> None:
    frame = pd.DataFrame({"account_id": [f"a{row}" for row in range(rows)]})
    with TemporaryDirectory() as folder:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        pq.write_table(table, Path(folder) / "accounts.parquet", row_group_size=group)
        only_ids = replace(ACCOUNTS, columns=(ACCOUNTS["account_id"],))
        pieces = [raw.columns.num_rows for raw in files.load(Path(folder), only_ids, most)]
    assert sum(pieces) == rows
    assert max(pieces) <= most


def test_an_id_given_again_in_a_later_piece_is_rejected_there() -> None:
    row = small_frames()["events"].iloc[:1]
    frame = pd.concat([row.assign(event_id=name) for name in ("a", "b", "a", "b")])
    tables = read_in_pieces(frame, 1)
    assert tables.events["event_id"].tolist() == ["a", "b"]
    assert tables.rejects["row"].tolist() == [3, 4]
    assert tables.rejects["reason"].tolist() == ["duplicate id: a", "duplicate id: b"]


def test_tables_that_are_not_asked_for_are_not_even_opened(tmp_path: Path) -> None:
    write_tables(tmp_path, small_frames())
    (tmp_path / "transactions.parquet").write_bytes(b"no Parquet at all")
    tables = read_tables(tmp_path, bank(), now=NOW, only={"accounts", "holdings", "events"})
    assert tables.transactions.empty
    assert len(tables.holdings)


def test_columns_that_are_not_asked_for_are_checked_all_the_same(tmp_path: Path) -> None:
    frames = small_frames()
    frames["events"]["event_id"] = "e1"
    write_tables(tmp_path, frames)
    wanted = {"accounts": None, "holdings": None, "events": {"at", "account_id"}}
    tables, whole = (
        read_tables(tmp_path, bank(), now=NOW, max_reject_share=1.0, only=only)
        for only in (wanted, set(wanted))
    )
    assert len(tables.rejects) == len(frames["events"]) - 1
    assert_frame_equal(tables.rejects, whole.rejects)
    assert_frame_equal(tables.accounts, whole.accounts)
    assert_frame_equal(tables.events, whole.events[["account_id", "at"]])


def test_a_table_may_be_a_directory_of_files_with_any_names(tmp_path: Path) -> None:
    frames = small_frames()
    event = frames.pop("events").iloc[:1]
    write_tables(tmp_path, frames)
    write_tables(tmp_path / "events", {name: event.assign(event_id=name) for name in ("b", "a")})
    tables = read_tables(tmp_path, bank(), now=NOW)
    assert tables.events["event_id"].tolist() == ["a", "b"]
