"""`raak worker` as a process: it folds, keeps its log, ends when told, and says what is wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import redis
from click.testing import CliRunner, Result

from cli.embedded import EmbeddedValkey, free_port
from cli.main import main
from recommender import keyspace
from tests.recommender.events.told import told
from tests.service.alerts.telling import short
from tests.service.bank import person, publish_bank
from tests.service.webhooks.receiving import receiving

PATIENCE_S = 30.0


def worker(*options: str, **settings: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAAK_")}
    return subprocess.Popen(
        [sys.executable, "-m", "cli.main", "worker", *options],
        env=kept | settings,
        stderr=subprocess.PIPE,
        text=True,
    )


def asked(url: str, *options: str) -> Result:
    return CliRunner().invoke(main, ["worker", *options], env={"RAAK_REDIS_URL": url})


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.02)


def test_it_folds_logs_trims_and_ends_when_told(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    publish_bank(valkey.url, [person("ann")])
    process = worker(
        RAAK_REDIS_URL=valkey.url,
        RAAK_EVENTS_LOG_DIR=str(tmp_path / "events"),
        RAAK_EVENTS_LOG_EVERY_S="3600",
    )
    with process, redis.Redis.from_url(valkey.url) as client:
        before = client.get(keyspace.state("ann"))
        event = json.dumps(told("page_view", datetime.now(UTC), account_id="ann"))
        client.xadd(keyspace.EVENTS, {"e": event})
        until(lambda: client.get(keyspace.state("ann")) != before)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    (part,) = (tmp_path / "events").rglob("*.parquet")
    assert pq.ParquetFile(part).read().column("event_id").to_pylist() == ["e1"]


def test_who_folds_raises_alerts_and_pushes_them(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    publish_bank(valkey.url, [short()])
    with receiving() as receiver:
        process = worker(
            "--role",
            "fold",
            RAAK_REDIS_URL=valkey.url,
            RAAK_WEBHOOKS_URLS=json.dumps([receiver.url]),
            RAAK_WEBHOOKS_SECRET="whsec_" + "QUJD" * 8,
            RAAK_WEBHOOKS_ALLOW_LOOPBACK="true",
        )
        with process:
            until(lambda: receiver.statuses == ["raised"])
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0


def test_dead_letters_are_listed_and_replayed(valkey: EmbeddedValkey) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        letter = {"e": "{}", "reason": "unreadable: 1 mistakes", "logged": "0"}
        client.xadd(keyspace.EVENTS_DEAD, letter)
        assert "\tunreadable: 1 mistakes\t{}" in asked(valkey.url, "--dead").output
        assert asked(valkey.url, "--replay-dead").output == "1 put back onto the stream\n"
        assert client.xlen(keyspace.EVENTS) == 1
    assert asked(valkey.url, "--dead").output == ""


def test_what_is_wrong_is_one_clear_line(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    no_log = asked(valkey.url, "--role", "log")
    assert no_log.exit_code == 2
    assert no_log.stderr == "error: RAAK_EVENTS_LOG_DIR is not set: where should the log go?\n"
    away = asked(f"redis://127.0.0.1:{free_port()}/0", "--dead")
    assert away.exit_code == 2
    assert away.stderr.startswith("error: Redis failed: ")
    process = worker(RAAK_REDIS_URL=valkey.url, RAAK_EVENTS_LOG_DIR=str(tmp_path / "file"))
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2
    assert said.splitlines()[-1].startswith("error: cannot write an event log in")
