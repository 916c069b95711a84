"""The event log as an export reads it: whole, whatever a worker does to its files meanwhile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from service.access import logs
from service.access.logs import in_event_log
from service.events.config import EventsConfig
from service.events.log_files import LogError, LogFiles
from service.events.log_writer import LogWriter
from service.events.parquet import merge, rows_about
from tests.recommender.events.told import NOW, told

PARTS = 3


@pytest.fixture
def log(valkey: EmbeddedValkey, tmp_path: Path) -> Path:
    """A log of as many parts, each with one event of ann."""
    with redis.Redis.from_url(valkey.url) as client:
        for part in range(PARTS):
            event = told("click", NOW, f"e{part}", account_id="ann")
            client.xadd(keyspace.EVENTS, {"e": json.dumps(event)})
            writer = LogWriter(client, tmp_path, EventsConfig(log_buckets=1, log_parts=9))
            writer.open()
            writer.step()
            writer.flush()
            writer.close()
    return tmp_path


def ids(log: Path) -> list[str]:
    return [row["event_id"] for row in in_event_log(log, "ann").content]


def test_files_that_are_merged_while_they_are_read_are_read_once(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_of = ids(log)
    assert sorted(told_of) == [f"e{part}" for part in range(PARTS)]
    merged: list[int] = []

    def reads(path: Path, account_id: str) -> list[dict[str, Any]]:
        if not merged:
            merged.append(LogFiles(log).compact(2, merge))
        return rows_about(path, account_id)

    monkeypatch.setattr(logs, "rows_about", reads)
    assert ids(log) == told_of
    assert merged == [1]


def test_a_log_whose_files_go_again_and_again_is_one_line(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reads(path: Path, _: str) -> list[dict[str, Any]]:
        raise FileNotFoundError(path)

    monkeypatch.setattr(logs, "rows_about", reads)
    with pytest.raises(LogError, match="changes too fast to be read; run it again"):
        ids(log)


def test_a_file_that_cannot_be_read_is_one_line(log: Path) -> None:
    LogFiles(log).files()[0].write_bytes(b"no parquet")
    with pytest.raises(LogError, match="cannot read the event log in") as caught:
        ids(log)
    assert len(str(caught.value).splitlines()) == 1
