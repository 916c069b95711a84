"""Every way in which tables can be wrong has one clear message, or one reject with its reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from recommender.catalogue import Catalogue
from recommender.errors import TableError
from tests.training.tables.small import NOW, csv_with, small_frames, write_csv
from training.tables import Tables, read_tables, write_tables

Frames = dict[str, pd.DataFrame]


def message(directory: Path, catalogue: Catalogue, **options: Any) -> str:
    """What the reader says when it stops: one line."""
    with pytest.raises(TableError) as stopped:
        read_tables(directory, catalogue, now=NOW, **options)
    text = str(stopped.value)
    assert "\n" not in text
    return text


def spoilt(directory: Path, spoil: Callable[[Frames], object]) -> Path:
    """The small bank as Parquet files, after `spoil` had its way with the frames."""
    frames = small_frames()
    spoil(frames)
    write_tables(directory, frames)
    return directory


def rejected(directory: Path, catalogue: Catalogue) -> Tables:
    return read_tables(directory, catalogue, now=NOW, max_reject_share=1.0)


def test_a_directory_that_is_not_there_is_named(tmp_path: Path, catalogue: Catalogue) -> None:
    said = message(tmp_path / "nowhere", catalogue)
    assert said == f"{tmp_path / 'nowhere'} is not a directory of tables"


def test_a_missing_table_is_named_with_both_names_it_could_have(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    spoilt(tmp_path, lambda frames: frames.pop("holdings"))
    assert message(tmp_path, catalogue) == f"{tmp_path} has no holdings.parquet or holdings.csv"


def test_optional_tables_may_be_missing(tmp_path: Path, catalogue: Catalogue) -> None:
    spoilt(tmp_path, lambda frames: (frames.pop("cases"), frames.pop("scheduled_payments")))
    tables = read_tables(tmp_path, catalogue, now=NOW)
    assert tables.cases.empty
    assert tables.cases.columns.tolist()[:2] == ["case_id", "account_id"]
    assert tables.scheduled_payments["amount_minor"].dtype == "int64"


def test_a_missing_column_is_named_and_a_likely_spelling_asked_about(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    def spoil(frames: Frames) -> None:
        frames["accounts"] = frames["accounts"].rename(columns={"birth_date": "birthdate"})

    said = message(spoilt(tmp_path, spoil), catalogue)
    assert said == "accounts.parquet has no column birth_date (is it 'birthdate'?)"


def test_an_attribute_that_the_catalogue_declares_is_a_column(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    def spoil(frames: Frames) -> None:
        frames["accounts"] = frames["accounts"].drop(columns=["occupation", "region"])

    said = message(spoilt(tmp_path, spoil), catalogue)
    assert said == "accounts.parquet has no columns occupation, region"


@pytest.mark.parametrize(
    ("table", "column", "values", "words"),
    [
        ("accounts", "account_id", [1, 2, 3], "account_id is int64, must be text"),
        ("accounts", "consent_marketing", [1, 0, 0], "consent_marketing is int64, must be boolean"),
        ("transactions", "amount_minor", [True, False], "amount_minor is bool, must be integer"),
        ("transactions", "booked_on", [1.0, 2.0], "booked_on is double, must be date"),
        ("events", "at", [1, 2, 3, 4], "at is int64, must be instant"),
    ],
)
def test_a_column_of_the_wrong_type_stops_with_both_types(
    tmp_path: Path,
    catalogue: Catalogue,
    table: str,
    column: str,
    values: list[object],
    words: str,
) -> None:
    write_csv(tmp_path, small_frames())
    (tmp_path / f"{table}.csv").unlink()
    wrong = small_frames()[table].assign(**{column: pd.Series(values)})
    wrong.to_parquet(tmp_path / f"{table}.parquet")
    assert message(tmp_path, catalogue) == f"{table}.parquet: column {words}"


def test_text_in_a_parquet_file_is_read_as_in_a_csv_file(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    frames = small_frames()
    frames["transactions"] = frames["transactions"].assign(amount_minor=["250000", "much"])
    spoilt(tmp_path, lambda made: made.update(frames))
    tables = rejected(tmp_path, catalogue)
    assert tables.transactions["amount_minor"].tolist() == [250_000]
    assert tables.rejects["reason"].tolist() == ["not a whole number: much"]


@pytest.mark.parametrize("table", ["accounts", "holdings"])
def test_a_table_without_which_nothing_can_be_learnt_must_have_rows(
    tmp_path: Path, catalogue: Catalogue, table: str
) -> None:
    def spoil(frames: Frames) -> None:
        frames[table] = frames[table].iloc[:0]

    said = message(spoilt(tmp_path, spoil), catalogue)
    assert said == f"{table}.parquet is empty: it has no rows"


@pytest.mark.parametrize("table", ["events", "transactions", "scheduled_payments", "cases"])
def test_other_tables_may_be_empty(tmp_path: Path, catalogue: Catalogue, table: str) -> None:
    def spoil(frames: Frames) -> None:
        frames[table] = frames[table].iloc[:0]

    tables = read_tables(spoilt(tmp_path, spoil), catalogue, now=NOW)
    assert tables.frames()[table].empty
    assert list(tables.context_changes()) == ["account_id", "at", "attribute", "before", "after"]


def test_a_csv_file_without_even_a_header_is_called_empty(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    write_csv(tmp_path, small_frames())
    (tmp_path / "accounts.csv").write_bytes(b"")
    assert message(tmp_path, catalogue) == "accounts.csv is empty: not even a header"


def test_a_truncated_file_is_named(tmp_path: Path, catalogue: Catalogue) -> None:
    spoilt(tmp_path, lambda _: None)
    path = tmp_path / "accounts.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    assert message(tmp_path, catalogue).startswith("accounts.parquet cannot be read: ")


def test_one_table_in_two_formats_is_one_too_many(tmp_path: Path, catalogue: Catalogue) -> None:
    write_csv(tmp_path, small_frames())
    write_tables(tmp_path, {"accounts": small_frames()["accounts"]})
    said = message(tmp_path, catalogue)
    assert said == f"{tmp_path} has both accounts.parquet and accounts.csv; keep one"


@pytest.mark.parametrize(
    ("table", "row", "column", "text", "reason"),
    [
        ("accounts", 1, "account_id", "ann", "duplicate id: ann"),
        ("accounts", 1, "account_id", "", "missing"),
        ("accounts", 0, "birth_date", "2027-01-01", "in the future: 2027-01-01"),
        ("accounts", 0, "birth_date", "1-3-2008", "not a date (YYYY-MM-DD): 1-3-2008"),
        ("accounts", 0, "birth_date", "2008-02-30", "not a date (YYYY-MM-DD): 2008-02-30"),
        (
            "accounts", 2, "occupation", "studnt",
            "unknown occupation: studnt (did you mean 'student'?)",
        ),
        ("accounts", 2, "children", "two", "not a whole number: two"),
        ("accounts", 2, "children", "1.5", "not a whole number: 1.5"),
        ("accounts", 2, "has_car", "maybe", "neither true nor false: maybe"),
        ("accounts", 2, "consent_marketing", "", "missing"),
        ("holdings", 0, "account_id", "dan", "unknown account: dan"),
        (
            "holdings", 0, "product_id", "mortgag",
            "unknown product: mortgag (did you mean 'mortgage'?)",
        ),
        ("holdings", 0, "opened_on", "", "missing"),
        ("holdings", 0, "opened_on", "2026-11-24", "in the future: 2026-11-24"),
        ("holdings", 2, "closed_on", "2015-01-01", "before opened_on"),
        ("events", 1, "event_id", "e1", "duplicate id: e1"),
        ("events", 0, "account_id", "nobody", "unknown account: nobody"),
        ("events", 0, "at", "2026-11-23T12:00:01Z", "in the future: 2026-11-23T12:00:01Z"),
        ("events", 0, "at", "yesterday", "not an instant (ISO 8601): yesterday"),
        ("events", 0, "kind", "glance", "unknown kind: glance"),
        ("events", 0, "domain", "savings", "unknown domain: savings (did you mean 'saving'?)"),
        ("events", 2, "value", "", "not a context change (<attribute>:<from>><to>): None"),
        (
            "events", 2, "value", "childs:1>2",
            "not a context change (<attribute>:<from>><to>): childs:1>2",
        ),
        (
            "events", 2, "value", "children:one>2",
            "not a context change (<attribute>:<from>><to>): children:one>2",
        ),
        ("events", 3, "value", "great", "not a number: great"),
        ("transactions", 0, "amount_minor", "12,50", "not a whole number: 12,50"),
        ("transactions", 0, "booked_on", "2026-11-24", "in the future: 2026-11-24"),
        ("scheduled_payments", 0, "account_id", "eve", "unknown account: eve"),
        ("cases", 0, "kind", "quarrel", "unknown kind: quarrel"),
        ("cases", 0, "closed_at", "2026-11-19T00:00:00Z", "before opened_at"),
    ],
)  # fmt: skip
def test_a_bad_cell_rejects_its_row_with_table_row_column_and_reason(
    tmp_path: Path,
    catalogue: Catalogue,
    table: str,
    row: int,
    column: str,
    text: str,
    reason: str,
) -> None:
    csv_with(tmp_path, table, row, column, text)
    tables = rejected(tmp_path, catalogue)
    own = tables.rejects[tables.rejects["table"] == table].drop(columns="account_id")
    assert own.to_dict("records") == [
        {"table": table, "row": row + 1, "column": column, "reason": reason}
    ]
    assert len(tables.frames()[table]) == len(small_frames()[table]) - 1


def test_rows_of_a_rejected_account_are_rejected_too(tmp_path: Path, catalogue: Catalogue) -> None:
    csv_with(tmp_path, "accounts", 0, "consent_marketing", "perhaps")
    tables = rejected(tmp_path, catalogue)
    assert tables.rejects["table"].tolist() == ["accounts", "holdings", "events", "events", "cases"]
    assert set(tables.rejects["reason"][1:]) == {"unknown account: ann"}
    assert set(tables.rejects["account_id"]) == {"ann"}


@pytest.mark.parametrize("row", ["accounts", "cases"])
def test_a_reject_without_an_account_id_says_so_by_having_none(
    tmp_path: Path, catalogue: Catalogue, row: str
) -> None:
    csv_with(tmp_path, row, 0, "account_id", "")
    tables = rejected(tmp_path, catalogue)
    own = tables.rejects[tables.rejects["table"] == row]
    assert own["account_id"].isna().tolist() == [True]


def test_a_csv_line_with_too_many_values_is_a_reject_and_the_others_keep_their_rows(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    path = csv_with(tmp_path, "holdings", 2, "product_id", "boat")
    lines = path.read_text().splitlines()
    lines.insert(2, "ann,mortgage,2020-01-01,,,")
    path.write_text("\n".join(lines))
    found = rejected(tmp_path, catalogue).rejects[["row", "reason"]].to_numpy().tolist()
    assert found == [
        [2, "not a row of this table: 6 values, not 4"],
        [4, "unknown product: boat"],
    ]


def test_too_many_bad_rows_stop_the_run_with_their_share_and_the_top_reasons(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    csv_with(tmp_path, "holdings", 0, "product_id", "boat")
    rejects = tmp_path / "rejects.csv"
    said = message(tmp_path, catalogue, max_reject_share=0.3, rejects_to=rejects)
    assert said == (
        "holdings.csv: 1 of 3 rows (33.3%) break the contract, more than the 30.0% that may: "
        f"product_id: unknown product (1); all of them are in {rejects}"
    )
    assert pd.read_csv(rejects)["reason"].tolist() == ["unknown product: boat"]
    assert len(read_tables(tmp_path, catalogue, now=NOW, max_reject_share=0.34).rejects) == 1


def test_rejects_are_written_even_if_there_are_none(tmp_path: Path, catalogue: Catalogue) -> None:
    write_tables(tmp_path / "tables", small_frames())
    rejects = tmp_path / "out" / "rejects.parquet"
    read_tables(tmp_path / "tables", catalogue, now=NOW, rejects_to=rejects)
    assert pd.read_parquet(rejects).columns.tolist() == [
        "table",
        "row",
        "account_id",
        "column",
        "reason",
    ]


def test_now_must_say_its_time_zone(tmp_path: Path, catalogue: Catalogue) -> None:
    with pytest.raises(ValueError, match="time zone"):
        read_tables(tmp_path, catalogue, now=datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake
