"""The worker's log and a history of one's own are one table: they stand in `events/` together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from service.events.parquet import SCHEMA
from tests.recommender.bank import bank
from tests.training.tables.small import NOW, small_frames
from training.tables import files, read_tables, write_tables

DECIDED = "decision-1"

Unit = Literal["ms", "us", "ns"]
UNITS: tuple[Unit, ...] = get_args(Unit)


def logged(path: Path, at: datetime) -> None:
    """What the worker writes of an impression."""
    row = dict.fromkeys(SCHEMA.names) | {
        "event_id": "logged",
        "account_id": "ann",
        "at": at,
        "kind": "impression",
        "product_id": "savings_account",
        "channel": "web",
        "decision_id": DECIDED,
    }
    path.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist([row], SCHEMA), path)


@pytest.mark.parametrize("name", ["a-history.parquet", "z-history.parquet"])
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("rows_in_piece", [1, 100])
def test_both_are_read_whichever_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, unit: Unit, rows_in_piece: int
) -> None:
    monkeypatch.setattr(files, "ROWS_IN_PIECE", rows_in_piece)
    frames = small_frames()
    history = frames.pop("events")
    write_tables(tmp_path, frames)
    logged(
        tmp_path / "events" / "day=2026-11-22" / "bucket=00" / "1-0_1-0.parquet",
        NOW.astimezone(UTC) - timedelta(days=1),
    )
    own = history.assign(at=history["at"].dt.as_unit(unit)).drop(columns="value")
    own = own[own["kind"].isin(["page_view", "search"])]
    own.to_parquet(tmp_path / "events" / name, index=False)
    read = read_tables(tmp_path, bank(), now=NOW)
    assert len(read.rejects) == 0
    found = read.events.set_index("event_id")
    assert set(found.index) == {*own["event_id"], "logged"}
    assert found["decision_id"].dropna().to_dict() == {"logged": DECIDED}
    told = pd.Series(own["at"].to_numpy(), index=own["event_id"])
    assert (
        found["at"].loc[told.index].astype("datetime64[ns]") == told.astype("datetime64[ns]")
    ).all()
