"""Erasure through the service and the worker as they run: afterwards nothing names the account."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pyarrow.parquet as pq
import pytest
import redis
from click.testing import CliRunner, Result

from cli.embedded import EmbeddedValkey, free_port
from cli.main import main
from recommender import keyspace
from service.auth.caller import Scope
from service.auth.keys import KeyRing, new_key, write_keys
from service.decision_log.chain import verify
from tests.cli.test_serve import serving
from tests.cli.test_worker import until, worker
from tests.recommender.bank import bank
from tests.recommender.events.told import NOW, told
from tests.service.bank import person, publish_bank
from tests.service.decision_log.serving import rows as decisions_in
from tests.service.erasure.scanning import files_naming, keys_naming
from tests.training.tables.small import small_frames
from training.tables import read_tables, write_tables

GONE = "erase-me-4711"
OTHERS = ("other-1", "other-2")
PATIENCE_S = 30.0


@dataclass
class Company:
    """A service and a worker in processes of their own; `folder` has all that they write."""

    url: str
    folder: Path
    stack: ExitStack
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        key, self.key = new_key("test", Scope)
        write_keys(self.folder / "keys.yaml", KeyRing([key]))
        self.settings = {
            "RAAK_REDIS_URL": self.url,
            "RAAK_API_KEYS_FILE": str(self.folder / "keys.yaml"),
            "RAAK_LIVE_COPY": str(self.folder / "copy"),
            "RAAK_EVENTS_LOG_DIR": str(self.folder / "tables" / "events"),
            "RAAK_EVENTS_LOG_EVERY_S": "0.2",
            "RAAK_DECISIONS_LOG_EVERY_S": "0.2",
        }

    @property
    def event_log(self) -> Path:
        return self.folder / "tables" / "events"

    @property
    def decision_log(self) -> Path:
        return self.folder / "tables" / "decisions"

    def serve(self) -> None:
        service = self.stack.enter_context(serving("--port", str(self.port), **self.settings))
        until(lambda: self._ready(service))

    def work(self) -> None:
        self.worker = worker(**self.settings)
        self.stack.callback(_end, self.worker)

    def end_worker(self, signum: signal.Signals) -> None:
        self.worker.send_signal(signum)
        self.worker.wait(PATIENCE_S)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        return httpx.request(
            method,
            f"http://127.0.0.1:{self.port}{path}",
            headers={"x-api-key": self.key},
            timeout=PATIENCE_S,
            **options,
        )

    def tell(self, account_id: str, event_id: str) -> str:
        """That somebody looked at the mortgage; what became of the event."""
        event = told("page_view", datetime.now(UTC), f"{account_id}-{event_id}")
        event |= {"account_id": account_id, "product_id": "mortgage"}
        said = self.ask("POST", "/v1/events", json=[event])
        assert said.is_success, said.text
        (result,) = said.json()["results"]
        return str(result["status"])

    def show(self, account_id: str) -> str:
        """The id of the decision that somebody is shown."""
        said = self.ask("GET", f"/v1/accounts/{account_id}/recommendations").json()
        return str(said["decision_id"])

    def raak(self, *words: str) -> Result:
        kept = {name: None for name in os.environ if name.startswith("RAAK_")}
        return CliRunner().invoke(main, list(words), env={**kept, **self.settings})

    def logged_events(self, account_id: str) -> list[dict[str, Any]]:
        files = self.event_log.glob("day=*/bucket=*/[!.]*.parquet")
        some = [row for path in files for row in pq.ParquetFile(path).read().to_pylist()]
        theirs = [row for row in some if row["account_id"] == account_id]
        return sorted(theirs, key=lambda row: str(row["event_id"]))

    def has_logged_everybody(self) -> bool:
        assert self.worker.poll() is None, self.said_by_worker()
        everybody = (GONE, *OTHERS)
        decided = len(decisions_in(self.decision_log)) >= len(everybody)
        return decided and all(map(self.logged_events, everybody))

    def said_by_worker(self) -> str:
        assert self.worker.stderr is not None
        return f"the worker ended with {self.worker.returncode}: {self.worker.stderr.read()}"

    def named(self) -> list[str]:
        """The keys and files that name the erased account."""
        with redis.Redis.from_url(self.url) as client:
            return [*keys_naming(client, GONE), *files_naming(self.folder, GONE)]

    def _ready(self, service: subprocess.Popen[str]) -> bool:
        assert service.poll() is None, "the service ended: who answers on its port is another"
        try:
            return self.ask("GET", "/health/ready").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    if process.stderr is not None:
        process.stderr.close()


@contextmanager
def living(valkey: EmbeddedValkey, folder: Path) -> Iterator[Company]:
    """A bank where everybody has looked at something, was shown something, and is in the logs."""
    publish_bank(valkey.url, map(person, (GONE, *OTHERS)))
    with ExitStack() as stack:
        company = Company(valkey.url, folder, stack)
        company.serve()
        company.work()
        for account_id in (GONE, *OTHERS):
            assert company.tell(account_id, "e1") == "accepted"
            company.show(account_id)
        until(company.has_logged_everybody)
        yield company


def state(url: str, account_id: str) -> object:
    with redis.Redis.from_url(url) as client:
        return client.get(keyspace.state(account_id))


def test_nothing_names_an_erased_account_and_nothing_brings_it_back(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    with living(valkey, tmp_path) as company, redis.Redis.from_url(valkey.url) as client:
        shown = company.show(GONE)
        dead = {"e": f'{{"account_id": "{GONE}", "torn', "reason": "unreadable", "logged": "0"}
        client.xadd(keyspace.EVENTS_DEAD, dead)
        before = {who: (state(valkey.url, who), company.logged_events(who)) for who in OTHERS}
        entries, head = len(decisions_in(company.decision_log)), verify(company.decision_log).head
        assert len(company.named()) > 6

        said = company.ask("DELETE", f"/v1/accounts/{GONE}")
        assert said.status_code == 200, said.text
        receipt = said.json()
        assert GONE not in said.text
        assert receipt["complete"]
        removed = receipt["removed"]
        assert removed["state"] == removed["event_log"] == removed["decision_log"] == 1
        assert removed["recent_events"] == removed["dead_letters"] == 1
        assert removed["answers"] >= 1
        assert company.named() == []

        assert company.tell(GONE, "e2") == "accepted"  # and dropped
        company.show(GONE)
        publish_bank(valkey.url, map(person, (GONE, *OTHERS)))
        for who in OTHERS:
            company.show(who)
        until(lambda: len(decisions_in(company.decision_log)) > entries)
        assert company.named() == []
        assert company.ask("GET", f"/v1/accounts/{GONE}").status_code == 404

        assert {who: company.logged_events(who) for who in OTHERS} == {
            who: events for who, (_, events) in before.items()
        }
        assert company.raak("replay", "--verify", "--head", head).exit_code == 0
        replayed = company.raak("replay", shown)
        assert replayed.exit_code == 2
        assert "was made for an account that was erased" in replayed.stderr

        again = company.ask("DELETE", f"/v1/accounts/{GONE}").json()
        assert again["complete"]
        assert set(again["removed"].values()) == {0}
        found = company.ask("GET", f"/v1/erasures/{receipt['receipt_id']}")
        assert found.json() == receipt
        assert company.ask("GET", "/v1/erasures/nonsense").status_code == 404


def test_whatever_goes_on_at_the_same_moment_leaves_nothing_behind(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    """Events and questions all the time, publications, and workers that are killed."""
    with living(valkey, tmp_path) as company, ThreadPoolExecutor() as pool:
        over = threading.Event()
        busy = [
            pool.submit(_again_and_again, over, what)
            for what in (
                lambda: company.tell(GONE, uuid4().hex),
                lambda: company.show(GONE),
                lambda: publish_bank(valkey.url, map(person, (GONE, *OTHERS))),
            )
        ]
        said = pool.submit(company.ask, "DELETE", f"/v1/accounts/{GONE}")
        for _ in range(2):
            company.end_worker(signal.SIGKILL)
            company.work()
        receipt = said.result().json()
        where = f"/v1/erasures/{receipt['receipt_id']}"
        until(lambda: company.ask("GET", where).status_code == 200)
        over.set()
        for one in busy:
            one.result()
        until(lambda: company.named() == [])
        assert verify(company.decision_log)
        assert all(map(company.logged_events, OTHERS))


def _again_and_again(over: threading.Event, what: Callable[[], object]) -> None:
    while not over.is_set():
        what()


def test_with_no_worker_the_logs_wait_and_the_next_one_does_them(
    valkey: EmbeddedValkey, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with living(valkey, tmp_path) as company:
        company.end_worker(signal.SIGKILL)
        company.tell(GONE, "e2")
        company.show(GONE)
        said = company.ask("DELETE", f"/v1/accounts/{GONE}")
        assert said.status_code == 202
        assert said.json()["waits_for"] == ["event_log", "decision_log"]
        assert said.json()["removed"]["event_log"] is None
        with redis.Redis.from_url(valkey.url) as client:
            assert keys_naming(client, GONE) == []
        assert company.ask("GET", said.headers["location"]).status_code == 202
        company.work()
        until(lambda: company.ask("GET", said.headers["location"]).status_code == 200)
        assert company.named() == []

        export = tmp_path_factory.mktemp("export")  # the company's own tables lag
        renamed = {name: frame.replace("ann", GONE) for name, frame in small_frames().items()}
        write_tables(export, renamed)
        read = read_tables(export, bank(), now=NOW, event_log=company.event_log)
        assert read.accounts["account_id"].tolist() == ["bob", "cas"]
        assert len(read.erased)


@pytest.mark.parametrize("sign", [keyspace.ERASED, keyspace.ERASING])
def test_raak_erase_killed_in_the_middle_and_run_again_does_all_of_it(
    valkey: EmbeddedValkey, tmp_path: Path, sign: str
) -> None:
    """Without a worker it does the logs itself."""
    with living(valkey, tmp_path) as company, redis.Redis.from_url(valkey.url) as client:
        company.end_worker(signal.SIGTERM)
        command = [sys.executable, "-m", "cli.main", "erase", GONE]
        with subprocess.Popen(command, env={**os.environ, **company.settings}) as process:
            until(lambda: bool(client.exists(sign)))
            process.kill()
        said = company.raak("erase", GONE, "--json")
        assert said.exit_code == 0, said.output
        receipt = json.loads(said.stdout)
        assert receipt["complete"]
        assert company.named() == []
        assert (
            f"receipt {receipt['receipt_id']}"
            in company.raak("erase", "--receipt", receipt["receipt_id"]).stdout
        )
        assert [company.logged_events(who) for who in OTHERS] != [[], []]
        assert company.raak("replay", "--verify").exit_code == 0


def test_an_export_has_all_that_is_held_about_one_and_nothing_about_others(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    with living(valkey, tmp_path) as company:
        company.tell(GONE, "e2")
        said = company.ask("GET", f"/v1/accounts/{GONE}/export")
        assert said.status_code == 200
        parts = said.json()["parts"]
        assert parts["state"]["content"]["holdings"][0]["product_id"] == "current_account"
        assert parts["answers"]["content"][0]["answer"]["account_id"] == GONE
        until(lambda: len(company.logged_events(GONE)) > 1)
        offline = company.raak("export", GONE)
        assert offline.exit_code == 0, offline.output
        whole = json.loads(offline.stdout)["parts"]
        told_of = {one["event_id"] for one in whole["event_log"]["content"]}
        assert told_of == {f"{GONE}-e1", f"{GONE}-e2"}
        (decision, *_) = whole["decision_log"]["content"]
        assert decision["shown"]
        assert decision["state"]["account_id"] == GONE
        assert decision["decision"]["shown"]
        for other in OTHERS:
            assert other not in said.text + offline.stdout
        out = tmp_path / "export.json"
        assert company.raak("export", GONE, "--out", str(out)).exit_code == 0
        assert json.loads(out.read_text())["account_id"] == GONE
        assert out.stat().st_mode & 0o077 == 0
        nobody = company.raak("export", "nobody")
        assert nobody.exit_code == 2
        assert nobody.stderr == "error: nothing is held about nobody\n"
        told = company.ask("GET", "/v1/accounts/nobody/export")  # it does not see the logs
        assert told.status_code == 200
        assert not any(part["content"] for part in told.json()["parts"].values())
        assert "event_log" in told.json()["elsewhere"]
