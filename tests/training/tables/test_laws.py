"""What holds for all tables: nothing is lost, and what was written is what is read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.tables import TABLES, table_contracts
from tests.recommender.bank import bank
from tests.training.tables.small import NOW, small_frames, write_csv
from training.tables import Tables, read_tables, write_tables

FORMATS = {"parquet": write_tables, "csv": write_csv}

people = st.lists(st.text("abcxyz-0189", min_size=1, max_size=6), min_size=1, unique=True)
days = st.dates(date(1900, 1, 1), NOW.date() - timedelta(days=1))
whole = st.integers(-(10**12), 10**12)
words = st.text("abc, \"'é", min_size=1, max_size=8).filter(lambda text: text.strip() == text)


def rows(of: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[pd.DataFrame]:
    return st.lists(of, min_size=1, max_size=20).map(pd.DataFrame)


@st.composite
def banks(draw: st.DrawFn) -> dict[str, pd.DataFrame]:
    """The small bank's tables with other people, holdings and transactions."""
    ids = draw(people)
    whose = st.sampled_from(ids)
    products = st.sampled_from(list(bank().products))
    frames = small_frames()
    accounts = pd.concat([frames["accounts"].iloc[[0]]] * len(ids), ignore_index=True)
    frames["accounts"] = accounts.assign(
        account_id=ids,
        birth_date=pd.Series(
            draw(st.lists(st.none() | days, min_size=len(ids), max_size=len(ids)))
        ),
    )
    frames["holdings"] = draw(
        rows(
            st.fixed_dictionaries(
                {"account_id": whose, "product_id": products, "opened_on": days}
            ).map(lambda row: {**row, "closed_on": None})
        )
    )
    frames["transactions"] = draw(
        rows(
            st.fixed_dictionaries(
                {
                    "account_id": whose,
                    "booked_on": days,
                    "amount_minor": whole,
                    "currency": st.just("EUR"),
                    "counterparty": words,
                    "scheme": st.just("card"),
                    "description": st.none() | words,
                }
            )
        )
    )
    for name in ("events", "scheduled_payments", "cases"):
        frames[name] = frames[name].assign(account_id=ids[0])
    return frames


def read(directory: Path, **options: Any) -> Tables:
    return read_tables(directory, bank(), now=NOW, **options)


@pytest.mark.parametrize("form", FORMATS)
@given(frames=banks())
@settings(max_examples=12)
def test_what_was_written_is_what_is_read(form: str, frames: dict[str, pd.DataFrame]) -> None:
    with TemporaryDirectory() as folder:
        FORMATS[form](Path(folder), frames)
        tables = read(Path(folder))
    assert tables.rejects.empty
    for name, frame in frames.items():
        found = tables.frames()[name]
        for column in frame:
            got = found[str(column)].astype(object)
            want = frame[column].astype(object)
            if isinstance(got.dropna().iloc[0] if got.notna().any() else None, pd.Timestamp):
                got, want = pd.to_datetime(got), pd.to_datetime(want).astype("datetime64[us]")
            assert [None if pd.isna(one) else one for one in got] == [
                None if pd.isna(one) else one for one in want
            ], (name, column)


@pytest.mark.parametrize("form", FORMATS)
def test_both_formats_give_the_same_tables_in_the_promised_dtypes(
    form: str, tmp_path: Path
) -> None:
    FORMATS[form](tmp_path, small_frames())
    tables = read(tmp_path)
    ids = tables.accounts["account_id"].cat.categories.tolist()
    assert ids == ["ann", "bob", "cas"]
    assert tables.accounts["account_id"].cat.codes.tolist() == [0, 1, 2]
    for table in table_contracts(bank()):
        frame = tables.frames()[table.name]
        assert frame.columns.tolist() == list(table.names)
        assert frame["account_id"].cat.categories.tolist() == ids
        for column in table.columns:
            if column.values is not None:
                assert frame[column.name].cat.categories.tolist() == list(column.values)
            assert (
                str(frame[column.name].dtype)
                in {
                    "text": {"str"},
                    "category": {"category"},
                    "date": {"datetime64[us]"},
                    "instant": {"datetime64[us]"},
                    "integer": {"int64"} if column.required else {"Int64"},
                    "boolean": {"bool"} if column.required else {"boolean"},
                }[column.type]
            )


@given(st.data())
@settings(max_examples=20)
def test_every_row_of_a_file_is_either_kept_or_rejected(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        directory = Path(folder)
        write_csv(directory, small_frames())
        sizes = {}
        for table in TABLES:
            path = directory / f"{table.name}.csv"
            cells = pd.read_csv(path, dtype="str", keep_default_na=False)
            cells = pd.concat([cells] * 3, ignore_index=True)
            for _ in range(data.draw(st.integers(0, 4))):
                row = data.draw(st.integers(0, len(cells) - 1))
                column = data.draw(st.sampled_from(list(cells)))
                cells.loc[row, column] = data.draw(
                    st.sampled_from(
                        ["", "ann", "2030-01-01", "12", "-", "true", "a,b", '"', "x" * 40]
                    )
                )
            cells.to_csv(path, index=False)
            sizes[table.name] = len(cells)
        tables = read(directory, max_reject_share=1.0)
    for name, frame in tables.frames().items():
        rejects = tables.rejects[tables.rejects["table"] == name]
        assert rejects["row"].is_unique
        assert len(frame) + len(rejects) == sizes[name]
    assert (tables.rejects["reason"] != "").all()


@given(st.integers(-14, 14))
@settings(max_examples=8)
def test_instants_of_any_zone_become_utc(hours: int) -> None:
    zone = timezone(timedelta(hours=hours))
    at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    frames = small_frames()
    frames["events"] = frames["events"].assign(at=[at.astimezone(zone).isoformat()] * 4)
    with TemporaryDirectory() as folder:
        write_csv(Path(folder), frames)
        found = read(Path(folder)).events["at"]
    assert set(found) == {pd.Timestamp(at.replace(tzinfo=None))}


def test_numbers_that_pandas_made_floats_for_a_gap_are_whole_again(tmp_path: Path) -> None:
    frames = small_frames()
    frames["transactions"] = frames["transactions"].assign(balance_minor=[100.0, float("nan")])
    write_tables(tmp_path, frames)
    assert read(tmp_path).transactions["balance_minor"].tolist() == [100, pd.NA]


def test_equal_frames_give_equal_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_tables(tmp_path / folder, small_frames())
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    assert not list(tmp_path.glob("*/*.part"))


def test_context_changes_are_split_into_attribute_before_and_after(tmp_path: Path) -> None:
    frames = small_frames()
    frames["events"] = frames["events"].assign(
        kind="context_change",
        value=["children:1>2", "occupation:>student", "has_car:no>yes", "region:west>"],
    )
    write_tables(tmp_path, frames)
    changes = read(tmp_path).context_changes().astype(object)
    assert changes[["attribute", "before", "after"]].replace({pd.NA: None}).to_numpy().tolist() == [
        ["children", "1", "2"],
        ["occupation", None, "student"],
        ["has_car", "no", "yes"],
        ["region", "west", None],
    ]
