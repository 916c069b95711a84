"""Erasure from the logs: the account's rows go, all others stay as they are, whatever happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from recommender.tombstone import FILE, digest, read_tombstones
from service.erasure.erase import Erasure
from service.erasure.here import erase_rows
from service.erasure.receipt import Receipt, Store, read_receipt
from service.events import log_files
from service.events.config import EventsConfig
from service.events.log_files import LogError, last_logged
from service.events.log_writer import LogWriter
from tests.recommender.events.told import NOW, told
from tests.service.crashing import Crash, crash_after
from tests.service.erasure.scanning import files_naming

GONE = "erase-me"
Row = dict[str, Any]


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey.url) as client:
        yield client


def writer(client: redis.Redis, log: Path) -> LogWriter:
    return LogWriter(client, log, EventsConfig(log_every_s=3600, log_buckets=2, log_parts=4))


def happen(client: redis.Redis, *account_ids: str) -> None:
    for place, account_id in enumerate(account_ids):
        event = told("click", NOW, f"e{place}", account_id=account_id)
        client.xadd(keyspace.EVENTS, {"e": json.dumps(event)})


def log_of(client: redis.Redis, log: Path, parts: list[list[str]]) -> None:
    """A part for each list of accounts."""
    for accounts in parts:
        happen(client, *accounts)
        one = writer(client, log)
        one.open()
        one.step()
        one.flush()
        one.close()


def rows(log: Path) -> dict[Path, list[Row]]:
    files = sorted(log.glob("day=*/bucket=*/[!.]*.parquet"))
    return {path: pq.ParquetFile(path).read().to_pylist() for path in files}


def ordered(client: redis.Redis, account_id: str = GONE) -> str:
    """The receipt of an erasure that has only its logs to do."""
    erasure = Erasure.begin(client, account_id)
    erasure.sweep()
    return erasure.finish().receipt_id


def carried_out(client: redis.Redis, url: str, log: Path, receipt_id: str) -> Receipt:
    erase_rows(url, log, EventsConfig())
    receipt = read_receipt(client, receipt_id)
    assert receipt is not None
    return receipt


@given(parts=st.lists(st.lists(st.sampled_from([GONE, "ann", "bob"]), min_size=1), max_size=5))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_their_rows_go_and_all_others_stay_in_files_of_the_same_names(
    client: redis.Redis, valkey: EmbeddedValkey, parts: list[list[str]]
) -> None:
    client.flushdb()
    with TemporaryDirectory() as folder:
        log = Path(folder) / "events"
        log_of(client, log, parts or [["ann"]])
        before, last = rows(log), last_logged(log)
        untouched = {path: path.stat().st_ino for path, some in before.items() if not of(some)}
        receipt = carried_out(client, valkey.url, log, ordered(client))
        assert receipt.complete
        assert receipt.removed.event_log == sum(len(of(some)) for some in before.values())
        assert rows(log) == {
            path: [row for row in some if row["account_id"] != GONE]
            for path, some in before.items()
        }
        assert last_logged(log) == last
        assert {path: path.stat().st_ino for path in untouched} == untouched
        assert files_naming(log, GONE) == []


def of(some: list[Row]) -> list[Row]:
    return [row for row in some if row["account_id"] == GONE]


@pytest.mark.parametrize("survive", range(8))
def test_a_crash_at_any_step_leaves_whole_files_and_is_made_good_afterwards(
    client: redis.Redis,
    valkey: EmbeddedValkey,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    survive: int,
) -> None:
    """`survive` files or folders get to disk before the process ends."""
    log = tmp_path / "events"
    log_of(client, log, [[GONE, "ann"], ["bob", GONE], [GONE]])
    others = sorted(row["event_id"] for some in rows(log).values() for row in some if not of([row]))
    receipt_id = ordered(client)
    with monkeypatch.context() as patch:
        patch.setattr(log_files, "to_disk", crash_after(survive))
        try:
            erase_rows(valkey.url, log, EventsConfig())
        except Crash:
            assert rows(log)  # every file that has its name can be read
    assert carried_out(client, valkey.url, log, receipt_id).complete
    assert sorted(row["event_id"] for some in rows(log).values() for row in some) == others
    assert files_naming(log, GONE) == []


def test_the_worker_erases_what_it_had_gathered_and_writes_on(
    client: redis.Redis, tmp_path: Path
) -> None:
    log = writer(client, tmp_path)
    log.open()
    happen(client, GONE, "ann")
    log.step()  # both are in its memory
    receipt_id = ordered(client)
    happen(client, GONE, "bob")  # as if the first had been on its way for long
    log.step()
    log.flush()
    log.close()
    receipt = read_receipt(client, receipt_id)
    assert receipt is not None
    assert receipt.complete
    assert receipt.removed.event_log == 1
    kept = {row["account_id"] for some in rows(tmp_path).values() for row in some}
    assert kept == {"ann", "bob"}
    assert files_naming(tmp_path, GONE) == []


def test_tombstones_lie_beside_the_log_and_outlive_a_redis_that_is_emptied(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    log_of(client, tmp_path, [["ann"]])
    for account_id in (GONE, "bob"):
        carried_out(client, valkey.url, tmp_path, ordered(client, account_id))
    both = {digest(GONE), digest("bob")}
    assert read_tombstones((tmp_path / FILE).read_text()) == both
    client.flushdb()
    log_of(client, tmp_path, [["ann"]])
    assert client.smembers(keyspace.ERASED) == both


def test_a_damaged_file_of_tombstones_is_one_clear_error(
    client: redis.Redis, tmp_path: Path
) -> None:
    (tmp_path / FILE).write_text("ann\n")
    with pytest.raises(LogError, match=r"line 1 is no tombstone.*restore it"):
        writer(client, tmp_path).open()


def test_where_a_worker_writes_nobody_else_erases(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    log = writer(client, tmp_path)
    log.open()
    receipt_id = ordered(client)
    with pytest.raises(LogError, match="another worker writes"):
        erase_rows(valkey.url, tmp_path, EventsConfig())
    log.step()
    log.close()
    receipt = read_receipt(client, receipt_id)
    assert receipt is not None
    assert receipt.complete


def test_the_log_is_known_though_what_came_last_made_no_file(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    log = tmp_path / "events"
    log_of(client, log, [["ann", GONE]])
    client.sadd(keyspace.ERASED, digest("late"))
    log_of(client, log, [["late"]])
    logged = client.get(keyspace.EVENTS_LOGGED)
    assert isinstance(logged, bytes)
    assert logged.decode() != last_logged(log)  # the worker went on; the files did not
    receipt_id = ordered(client)
    erase_rows(valkey.url, log, EventsConfig(log_buckets=2))
    receipt = read_receipt(client, receipt_id)
    assert receipt is not None
    assert receipt.complete
    assert files_naming(log, GONE) == []


def test_a_copy_of_the_log_is_not_taken_for_the_log(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    log_of(client, tmp_path / "events", [["ann"]])
    (tmp_path / "copy").mkdir()
    receipt_id = ordered(client)
    with pytest.raises(LogError, match="is not the log that this Redis knows"):
        erase_rows(valkey.url, tmp_path / "copy", EventsConfig())
    receipt = read_receipt(client, receipt_id)
    assert receipt is not None
    assert receipt.waits_for == (Store.EVENT_LOG,)


def test_a_damaged_file_is_named_and_the_others_are_done_before_the_order_is(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    log_of(client, tmp_path, [[GONE, "other"], [GONE, "another"]])
    receipt_id = ordered(client)
    damaged, *whole = sorted(tmp_path.glob("day=*/bucket=*/[!.]*.parquet"))
    content = damaged.read_bytes()
    damaged.write_bytes(content[: len(content) // 2])
    one = writer(client, tmp_path)
    one.open()
    with pytest.raises(OSError, match=f"{damaged} is damaged.*restore it"):
        all(one.erase() for _ in range(100))
    one.close()
    assert GONE not in str([pq.ParquetFile(path).read().to_pylist() for path in whole])
    assert not read_receipt(client, receipt_id).complete  # type: ignore[union-attr]  # it is there
    damaged.write_bytes(content)
    assert carried_out(client, valkey.url, tmp_path, receipt_id).complete
    assert GONE not in str(rows(tmp_path))
