"""The decision log: each decision in it once, as it was shown, whatever moment a crash chose."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from recommender.tombstone import digest
from service.decision_log import files, stream
from service.decision_log.chain import CHAIN, verify
from service.decision_log.errors import BrokenChain, DecisionLogError
from service.decision_log.pseudonyms import Pseudonyms
from service.decision_log.review import Check
from service.decision_log.served import pack_served, unpack_served
from tests.service.bank import bundle, person, publish_bank
from tests.service.crashing import Crash, crash_after
from tests.service.decision_log.serving import logged, rows, show, write, writer


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    publish_bank(valkey.url, [person("ann"), person("bob"), person("cas")])
    with redis.Redis.from_url(valkey.url) as client:
        yield client


def entries(client: redis.Redis) -> list[tuple[bytes, Any]]:
    found: Any = client.xrange(keyspace.DECISIONS)
    return list(found)


def test_a_row_says_what_was_shown_and_is_made_again_to_the_byte(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    (shown,) = show(valkey.url, tmp_path, ["ann"], "?channel=app&limit=3")
    ((_, fields),) = entries(client)
    (served,) = unpack_served(fields[b"d"])
    write(client, tmp_path / "log")
    (row,) = rows(tmp_path / "log")
    assert row["decision_id"] == shown
    assert row["check"] == Check.EQUAL
    assert row["body_sha256"] == hashlib.sha256(served.body).hexdigest()
    assert (row["placement"], row["channel"], row["limit"]) == ("home", "app", 3)
    assert row["version"] == bundle()[0]
    assert [one["rank"] for one in row["shown"]] == [1, 2, 3]
    assert all(one["probability"] == 1.0 for one in row["shown"])
    assert {one["stage"] for one in row["withheld"]}
    assert "'ann'" not in str(row)
    assert b"ann" not in row["sealed"]


def test_what_is_logged_leaves_the_stream(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    show(valkey.url, tmp_path, ["ann", "bob"])
    write(client, tmp_path / "log")
    assert client.xlen(keyspace.DECISIONS) == 0
    assert client.get(keyspace.DECISIONS_BYTES) is None


def test_the_log_goes_on_after_what_the_files_have(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    first = show(valkey.url, tmp_path, ["ann"])
    write(client, tmp_path / "log")
    second = show(valkey.url, tmp_path, ["bob"])
    write(client, tmp_path / "log")
    write(client, tmp_path / "log")
    assert logged(tmp_path / "log") == [*first, *second]


def test_a_decision_that_comes_again_is_logged_once_even_after_a_restart(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    shown = show(valkey.url, tmp_path, ["ann", "bob"])
    ((_, fields), *_) = entries(client)
    client.xadd(keyspace.DECISIONS, fields)
    assert write(client, tmp_path / "log").tally.repeated == 1
    client.xadd(keyspace.DECISIONS, fields)
    assert write(client, tmp_path / "log").tally.repeated == 1
    assert logged(tmp_path / "log") == shown


@pytest.mark.parametrize("survive", range(12))
def test_a_crash_at_any_step_of_writing_loses_and_doubles_nothing(
    client: redis.Redis,
    valkey: EmbeddedValkey,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    survive: int,
) -> None:
    """`survive` files or folders get to disk before the process ends."""
    shown = show(valkey.url, tmp_path, ["ann", "bob", "cas"])
    with monkeypatch.context() as patch:
        patch.setattr(files, "to_disk", crash_after(survive))
        try:
            write(client, tmp_path / "log")
        except Crash:
            assert len(logged(tmp_path / "log")) in (0, 3)
    write(client, tmp_path / "log")
    assert logged(tmp_path / "log") == shown
    assert verify(tmp_path / "log").files == 2
    hidden = {path.name for path in (tmp_path / "log").rglob(".*")}
    assert hidden == {".lock"}
    assert client.xlen(keyspace.DECISIONS) == 0
    assert client.get(keyspace.DECISIONS_BYTES) is None


def test_a_line_of_which_a_crash_left_a_part_is_cut_off(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    shown = show(valkey.url, tmp_path, ["ann"])
    write(client, tmp_path / "log")
    with (tmp_path / "log" / CHAIN).open("ab") as chain:
        chain.write(b'{"file":"day=')
    shown += show(valkey.url, tmp_path, ["bob"])
    write(client, tmp_path / "log")
    verify(tmp_path / "log")
    assert logged(tmp_path / "log") == shown


def test_what_differs_when_made_again_is_logged_as_it_was_served_and_said(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (shown,) = show(valkey.url, tmp_path, ["ann"])
    ((entry_id, fields),) = entries(client)
    (served,) = unpack_served(fields[b"d"])
    other = served._replace(body=served.body.replace(b'"rank":1', b'"rank":7'))
    client.xdel(keyspace.DECISIONS, entry_id)
    client.xadd(keyspace.DECISIONS, {"d": pack_served([other])})
    log = write(client, tmp_path / "log")
    (row,) = rows(tmp_path / "log")
    assert row["check"] == Check.DIFFERS
    assert row["shown"][0]["rank"] == 7
    assert row["shown"][0]["probability"] is None
    assert log.tally.by_check[Check.DIFFERS] == 1
    assert f"decision {shown} differs" in caplog.text


def test_a_bundle_is_kept_when_it_comes_into_force_and_outlives_redis(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    show(valkey.url, tmp_path, ["ann"])
    log = writer(client, tmp_path / "log")
    log.open()
    log._bundles.keep_in_force()
    version, content = bundle()
    client.delete(keyspace.bundle(version))
    log.step()
    log.flush()
    log.close()
    assert [row["check"] for row in rows(tmp_path / "log")] == [Check.EQUAL]
    assert (tmp_path / "log" / "versions" / f"{version}.bundle").read_bytes() == content


def test_a_decision_of_a_bundle_that_is_gone_is_logged_as_such(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    (shown,) = show(valkey.url, tmp_path, ["ann"])
    client.delete(keyspace.bundle(bundle()[0]))
    write(client, tmp_path / "log")
    (row,) = rows(tmp_path / "log")
    assert (row["decision_id"], row["check"]) == (shown, Check.NO_BUNDLE)


def test_bytes_that_are_no_decision_are_counted_and_do_not_stop_the_log(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    client.xadd(keyspace.DECISIONS, {"d": b"nothing"})
    client.xadd(keyspace.DECISIONS, {"d": pack_served([("key", False, b"", b"{}")])})
    client.xadd(keyspace.DECISIONS, {"other": b""})
    shown = show(valkey.url, tmp_path, ["ann"])
    assert write(client, tmp_path / "log").tally.unreadable == 3
    assert logged(tmp_path / "log") == shown


def test_a_changed_byte_a_missing_file_and_a_strange_one_are_found_and_named(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    for account_id in ("ann", "bob", "cas"):
        show(valkey.url, tmp_path, [account_id])
        write(client, log)
    whole = verify(log)
    assert whole.files == 4
    part = sorted(log.glob("day=*/*.parquet"))[1]
    content = part.read_bytes()
    part.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    with pytest.raises(BrokenChain, match=f"{part.name}: this file is not the one"):
        verify(log)
    part.unlink()
    with pytest.raises(BrokenChain, match=f"{part.name}: this file is gone"):
        verify(log)
    part.write_bytes(content)
    assert verify(log, whole.head) == whole
    strange = part.with_name("1-0_2-0.parquet")
    strange.write_bytes(content)
    with pytest.raises(BrokenChain, match=r"1-0_2-0\.parquet: this file is not in the chain"):
        verify(log)


def test_a_chain_that_was_rewritten_or_cut_is_found(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = tmp_path / "log"
    for account_id in ("ann", "bob"):
        show(valkey.url, tmp_path, [account_id])
        write(client, log)
    head = verify(log).head
    chain = log / CHAIN
    lines = chain.read_bytes().splitlines(keepends=True)
    chain.write_bytes(b"".join([lines[0], *lines[2:]]))
    with pytest.raises(BrokenChain, match=r"line 2 .*: the line before it is not the one"):
        verify(log)
    chain.write_bytes(b"".join(lines[:-1]))
    max(log.glob("day=*/*.parquet")).unlink()
    verify(log)
    with pytest.raises(BrokenChain, match="it was cut or rewritten"):
        verify(log, head)
    write(client, log)
    assert "does not end with what was logged last" in caplog.text


def test_a_second_writer_a_bad_place_and_a_broken_chain_are_one_clear_error(
    client: redis.Redis, tmp_path: Path
) -> None:
    one = writer(client, tmp_path / "log")
    one.open()
    with pytest.raises(DecisionLogError, match="another worker writes the log in"):
        writer(client, tmp_path / "log").open()
    one.close()
    (tmp_path / "file").write_text("")
    with pytest.raises(DecisionLogError, match="cannot write a log in"):
        writer(client, tmp_path / "file").open()
    (tmp_path / "log" / CHAIN).write_text("nonsense\n")
    with pytest.raises(DecisionLogError, match=r"line 1: this is no line.*; move the log away"):
        writer(client, tmp_path / "log").open()


def test_what_waits_about_an_account_can_be_taken_out_and_the_others_stay(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    shown = show(valkey.url, tmp_path, ["ann", "bob", "cas", "ann"])
    waiting = [one for _, fields in entries(client) for one in unpack_served(fields[b"d"])]
    client.delete(keyspace.DECISIONS, keyspace.DECISIONS_BYTES)
    packed = pack_served(waiting)  # all in one entry
    client.xadd(keyspace.DECISIONS, {"d": packed})
    client.set(keyspace.DECISIONS_BYTES, len(packed))
    log = writer(client, tmp_path / "log")
    log.open()
    log.step()  # it has read all of them, and written none
    assert stream.take_out(client, "ann") == 1
    assert stream.take_out(client, "ann") == 0
    ((_, fields),) = entries(client)
    assert b"{ann}" not in fields[b"d"]
    people = Pseudonyms.open(tmp_path / "log")
    people.forget({digest("ann")})
    log.step()
    log.flush()
    log.close()
    assert sorted(logged(tmp_path / "log")) == sorted(set(shown))
    assert people.find("ann") is None
    assert people.find("bob") is not None
    people.close()
    assert client.get(keyspace.DECISIONS_BYTES) is None
