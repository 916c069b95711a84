"""The event log: each event in it once, no half-written file, whatever moment a crash chose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from recommender.events.bucket import bucket_of
from service.events import log_files
from service.events.config import EventsConfig
from service.events.log_files import LogError, LogFiles, leftovers
from service.events.log_writer import LogWriter
from service.events.parquet import merge
from tests.recommender.events.told import SUBJECTS, told
from tests.service.crashing import Crash, crash_after

NOW = datetime.now(UTC)


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey.url) as client:
        yield client


def writer(client: redis.Redis, folder: Path, **options: Any) -> LogWriter:
    config = EventsConfig(**{"log_every_s": 3600, "log_buckets": 4, **options})
    return LogWriter(client, folder / "events", config)


def happen(client: redis.Redis, *ids: str, at: datetime = NOW) -> None:
    for event_id in ids:
        event = told("click", at, event_id, account_id=f"of-{event_id}")
        client.xadd(keyspace.EVENTS, {"e": json.dumps(event)})


def run(log: LogWriter) -> None:
    """Open, read all there is, write it, and end."""
    log.open()
    try:
        log.step()
        log.flush()
    finally:
        log.close()


def logged(folder: Path) -> list[str]:
    """The ids in the log, as any reader of Parquet finds them."""
    files = sorted((folder / "events").glob("day=*/bucket=*/[!.]*.parquet"))
    return sorted(
        event_id
        for path in files
        for event_id in pq.ParquetFile(path).read().column("event_id").to_pylist()
    )


def test_a_part_is_laid_out_by_day_and_bucket(client: redis.Redis, tmp_path: Path) -> None:
    happen(client, "e1", "e2", "e3")
    happen(client, "e4", at=NOW - timedelta(days=1))
    run(writer(client, tmp_path))
    for path in (tmp_path / "events").glob("day=*/bucket=*/*.parquet"):
        for row in pq.ParquetFile(path).read().to_pylist():
            assert path.parent.parent.name == f"day={row['at'].date()}"
            assert path.parent.name == f"bucket={bucket_of(row['account_id'], 4):02}"
    assert logged(tmp_path) == ["e1", "e2", "e3", "e4"]
    last: Any = client.xinfo_stream(keyspace.EVENTS)
    assert client.get(keyspace.EVENTS_LOGGED) == last["last-generated-id"]


def test_every_kind_keeps_what_it_says(client: redis.Redis, tmp_path: Path) -> None:
    for kind in SUBJECTS:
        client.xadd(keyspace.EVENTS, {"e": json.dumps(told(kind, NOW, kind))})
    run(writer(client, tmp_path))
    rows = {
        row["kind"]: row
        for path in (tmp_path / "events").rglob("*.parquet")
        for row in pq.ParquetFile(path).read().to_pylist()
    }
    assert set(rows) == set(SUBJECTS)
    assert rows["context_change"]["value"] == "occupation:student>employed"
    assert rows["nps"]["value"] == "9"
    assert rows["transaction"]["amount_minor"] == -9_000
    assert rows["complaint_opened"]["case_id"] == "c1"
    assert rows["page_view"]["product_id"] == "mortgage"


def test_the_log_goes_on_after_what_the_files_have(client: redis.Redis, tmp_path: Path) -> None:
    happen(client, "e1", "e2")
    run(writer(client, tmp_path))
    happen(client, "e3")
    run(writer(client, tmp_path))
    run(writer(client, tmp_path))
    assert logged(tmp_path) == ["e1", "e2", "e3"]


def test_a_part_is_written_when_there_is_enough_or_it_is_time(
    client: redis.Redis, tmp_path: Path
) -> None:
    log = writer(client, tmp_path, log_rows=3)
    clock = [0.0]
    log.clock = lambda: clock[0]
    log.open()
    happen(client, "e1", "e2")
    log.step()
    assert logged(tmp_path) == []
    happen(client, "e3")
    log.step()
    assert logged(tmp_path) == ["e1", "e2", "e3"]
    happen(client, "e4")
    log.step()
    clock[0] = 3600.0
    log.step()
    assert logged(tmp_path) == ["e1", "e2", "e3", "e4"]
    log.close()


@pytest.mark.parametrize("survive", range(16))
def test_a_crash_at_any_step_of_writing_loses_and_doubles_nothing(
    client: redis.Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survive: int
) -> None:
    """`survive` files or folders get to disk before the process ends."""
    happen(client, *(f"e{place}" for place in range(20)))
    with monkeypatch.context() as patch:
        patch.setattr(log_files, "to_disk", crash_after(survive))
        try:
            run(writer(client, tmp_path))
        except Crash:
            assert len(logged(tmp_path)) in (0, 20)
    run(writer(client, tmp_path))
    assert logged(tmp_path) == sorted(f"e{place}" for place in range(20))
    assert not [path for path in tmp_path.rglob(".*") if path.name != ".lock"]


def test_a_crash_between_two_renames_is_finished_afterwards(
    client: redis.Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen(client, *(f"e{place}" for place in range(20)))
    replace = Path.replace
    renamed: list[Path] = []

    def once(self: Path, target: Path) -> Path:
        if renamed:
            raise Crash
        renamed.append(target)
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", once)
        with pytest.raises(Crash):
            run(writer(client, tmp_path))
    assert 0 < len(logged(tmp_path)) < 20
    run(writer(client, tmp_path))
    assert logged(tmp_path) == sorted(f"e{place}" for place in range(20))


def test_many_small_files_become_one(client: redis.Redis, tmp_path: Path) -> None:
    log = writer(client, tmp_path, log_parts=5, log_buckets=1)
    ids = [f"e{place}" for place in range(13)]
    for event_id in ids:
        happen(client, event_id)
        run(log)
    assert len(list((tmp_path / "events").rglob("*.parquet"))) < 5
    assert logged(tmp_path) == sorted(ids)


def test_a_large_file_is_left_alone_by_small_neighbours(
    client: redis.Redis, tmp_path: Path
) -> None:
    log = writer(client, tmp_path, log_parts=3, log_buckets=1)
    happen(client, *(f"l{place}" for place in range(5_000)))
    log.open()
    for _ in range(5):
        log.step()
    log.flush()
    log.close()
    (large,) = (tmp_path / "events").rglob("*.parquet")
    ids = [f"e{place}" for place in range(7)]
    for event_id in ids:
        happen(client, event_id)
        run(log)
    assert large.exists()
    assert len(list((tmp_path / "events").rglob("*.parquet"))) < 5
    assert set(ids) < set(logged(tmp_path))
    assert len(logged(tmp_path)) == 5_007


def test_a_crash_while_merging_leaves_each_event_once(
    client: redis.Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for event_id in ("e1", "e2", "e3"):
        happen(client, event_id)
        run(writer(client, tmp_path, log_buckets=1))
    files = LogFiles(tmp_path / "events")
    files.open()

    def unlink(self: Path, *, missing_ok: bool = False) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", unlink)
        with pytest.raises(Crash):
            files.compact(2, merge)
    files.close()
    assert len(list(leftovers(files.files()))) == 3
    run(writer(client, tmp_path))
    assert logged(tmp_path) == ["e1", "e2", "e3"]
    assert len(files.files()) == 1


def test_what_was_replayed_is_not_logged_again_and_what_is_no_event_is_not_logged(
    client: redis.Redis, tmp_path: Path
) -> None:
    happen(client, "e1")
    client.xadd(keyspace.EVENTS, {"e": json.dumps(told("nps", NOW, "e1")), "logged": "1"})
    client.xadd(keyspace.EVENTS, {"e": b"{}"})
    log = writer(client, tmp_path)
    run(log)
    assert logged(tmp_path) == ["e1"]
    assert log.tally.unreadable == 1


def test_a_second_writer_is_refused(client: redis.Redis, tmp_path: Path) -> None:
    log = writer(client, tmp_path)
    log.open()
    with pytest.raises(LogError, match="another worker writes"):
        writer(client, tmp_path).open()
    log.close()
    run(writer(client, tmp_path))


def test_a_place_that_cannot_be_written_is_one_clear_error(
    client: redis.Redis, tmp_path: Path
) -> None:
    (tmp_path / "events").write_text("a file, not a directory")
    with pytest.raises(LogError, match="cannot write an event log in"):
        writer(client, tmp_path).open()
