"""The event log that the worker writes is the `events` table that training reads."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from recommender.account import Case, Holding
from recommender.errors import TableError
from service.events.config import EventsConfig
from service.events.log_writer import LogWriter
from tests.recommender.bank import bank
from tests.recommender.events.told import NOW, SUBJECTS, told
from tests.training.tables.small import small_frames
from training.accounts import build_accounts
from training.tables import Tables, read_tables, write_tables


def write_log(url: str, folder: Path) -> None:
    with redis.Redis.from_url(url) as client:
        log = LogWriter(client, folder, EventsConfig(log_buckets=3))
        log.open()
        log.step()
        log.flush()
        log.close()


def read_back(url: str, folder: Path, happened: list[dict[str, Any]]) -> Tables:
    """Small tables, whose events are the log of what `happened`."""
    with redis.Redis.from_url(url) as client:
        for event in happened:
            client.xadd(keyspace.EVENTS, {"e": json.dumps(event)})
    frames = small_frames()
    del frames["events"]
    write_tables(folder, frames)
    write_log(url, folder / "events")
    return read_tables(folder, bank(), now=NOW)


def test_every_event_of_the_log_is_a_row_that_keeps_the_contract(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    happened = [told(kind, NOW, f"id-{kind}") for kind in SUBJECTS]
    tables = read_back(valkey.url, tmp_path, happened)
    assert tables.rejects.empty
    assert set(tables.events["event_id"]) == {f"id-{kind}" for kind in SUBJECTS}
    assert tables.events["account_id"].unique().tolist() == ["ann"]
    (change,) = tables.context_changes().to_dict("records")
    assert (change["before"], change["after"]) == ("student", "employed")


def test_a_complaint_and_guidance_of_the_log_reach_the_account(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    began, promised = NOW - timedelta(hours=2), NOW + timedelta(days=3)
    happened = [
        told("complaint_opened", began, "e1", case_id="c9", promised_at=promised.isoformat()),
        told("impression", began, "e2", product_id=None, action_id="first_home"),
        told("taken", began, "e3"),
    ]
    tables = read_back(valkey.url, tmp_path, happened)
    assert tables.rejects.empty
    account = next(one for one in build_accounts(tables, bank(), NOW) if one.account_id == "ann")
    assert Case("c9", "complaint", "open", began, promised) in account.cases
    assert "first_home" in {contact.action_id for contact in account.contacts}
    assert Holding("mortgage", began.date()) in account.holdings


def test_what_merging_left_behind_is_not_read_twice(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    read_back(valkey.url, tmp_path, [told("nps")])
    (part,) = (tmp_path / "events").rglob("*.parquet")
    part.with_name("1-0_9999999999999-0.parquet").write_bytes(part.read_bytes())
    assert len(read_tables(tmp_path, bank(), now=NOW).events) == 1


@pytest.mark.parametrize(("name", "said"), [("events.csv", "has both"), (None, "has no .parquet")])
def test_a_log_beside_a_file_or_without_any_is_one_clear_error(
    tmp_path: Path, name: str | None, said: str
) -> None:
    frames = small_frames()
    del frames["events"]
    write_tables(tmp_path, frames)
    (tmp_path / "events").mkdir()
    if name is not None:
        (tmp_path / name).write_text("event_id\n")
    with pytest.raises(TableError, match=said):
        read_tables(tmp_path, bank(), now=NOW)
