"""The live stream as it runs: two API processes, workers that are killed, viewers who come back."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import redis

from cli.embedded import EmbeddedValkey, free_port
from recommender import keyspace
from service.auth.caller import Scope
from service.auth.keys import KeyRing, new_key, write_keys
from tests.service.alerts.telling import happens, log, salary, short
from tests.service.alerts.watching import Said, read_events
from tests.service.bank import person, publish_bank

PATIENCE_S = 60.0
STEPS = 24
LIVES = 2
VIEWERS = 5


@contextmanager
def running(*command: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours, killed at the end if it still runs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAAK_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", *command],
        env=kept | settings,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:  # the group is ours alone: its leader is this very process
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until(condition: Callable[[], bool], why: str = "it never came to hold") -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, why
        time.sleep(0.02)


class Viewer(threading.Thread):
    """Watches, leaves after a few events, and comes back with the last id it has."""

    def __init__(self, url: str, headers: dict[str, str], seed: int) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._headers = headers
        self._random = random.Random(seed)
        self.enough = threading.Event()
        self.got: list[tuple[str, str]] = []
        self.begun = threading.Event()
        self.last = ""
        self.anew = 0
        self.returned = 0
        self.faults: list[str] = []

    def run(self) -> None:
        while not self.enough.is_set():
            resume = {"last-event-id": self.last} if self.last else {}
            try:
                self._watch(self._headers | resume)
            except httpx.TransportError:
                time.sleep(0.05)  # a server that is gone, for now
            self.returned += 1

    def _watch(self, headers: dict[str, str]) -> None:
        leave_after = self._random.randint(1, 4)
        with httpx.stream("GET", self._url, headers=headers, timeout=5.0) as response:
            if response.status_code != 200:
                self.faults.append(f"{response.status_code} {response.read()!r}")
                return
            text = ""
            for piece in response.iter_text():
                text += piece
                whole, _, text = text.rpartition("\n\n")
                for one in read_events(whole + "\n\n"):
                    self._take(one)
                    leave_after -= one.kind == "alert"
                if leave_after <= 0 or self.enough.is_set():
                    return

    def _take(self, one: Said) -> None:
        if one.kind == "alerts":
            self.anew += 1
        elif one.kind == "alert":
            self.got.append((one.id, one.data["status"]))
        self.last = one.id or self.last
        self.begun.set()


def test_nothing_is_lost_or_repeated_across_reconnects_and_restarts(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [short(), person("bob")])
    key, secret = new_key("viewers", [Scope.ALERTS])
    write_keys(tmp_path / "keys.yaml", KeyRing([key]))
    port = free_port()
    settings = {
        "RAAK_REDIS_URL": valkey.url,
        "RAAK_API_KEYS_FILE": str(tmp_path / "keys.yaml"),
        "RAAK_REDIS_TIMEOUT_MS": "2000",
        "RAAK_ALERTS_LOG_MOST": "10000",
        "RAAK_ALERTS_BEAT_S": "1",
        "RAAK_EVENTS_CLAIM_S": "1",
    }
    serve = ("serve", "--port", str(port), "--workers", "2")
    url = f"http://127.0.0.1:{port}"
    viewers = [
        Viewer(f"{url}/v1/accounts/ann/alerts/stream", {"x-api-key": secret}, seed)
        for seed in range(VIEWERS)
    ]
    with redis.Redis.from_url(valkey.url) as client, running(*serve, **settings) as server:
        until(lambda: is_ready(url), "the service did not come up")
        for viewer in viewers:
            viewer.start()
        for viewer in viewers:
            assert viewer.begun.wait(PATIENCE_S)
        tell(client, settings)
        stop(server)
        worker = ("worker", "--role", "fold", "--name", "last")
        with running(*serve, **settings):  # this one is killed
            salary(client, balance_minor=500)
            with running(*worker, **settings):
                until(lambda: not waiting(client), "events were left behind")
                all_see(viewers, client)
                salary(client)
                until(lambda: not waiting(client), "events were left behind")
        with running(*serve, **settings):
            told = all_see(viewers, client)
            for viewer in viewers:
                viewer.enough.set()
                viewer.join(PATIENCE_S)
                assert not viewer.is_alive()
    for viewer in viewers:
        assert viewer.got == told
        assert viewer.anew == 1, "who came back was never told all anew"
        assert viewer.returned >= 3
        assert not viewer.faults
    assert len(told) >= STEPS / 4


def all_see(viewers: list[Viewer], client: redis.Redis) -> list[tuple[str, str]]:
    """All changes there were, once each viewer has the last of them."""
    told = _told(client)
    until(lambda: all(viewer.got[-1:] == told[-1:] for viewer in viewers), "one misses the end")
    return told


def tell(client: redis.Redis, settings: dict[str, str]) -> None:
    """A shortfall that comes and goes, seen now and then, while workers are killed."""
    folding = ("worker", "--role", "fold", "--name")
    step = 0
    for life in range(LIVES):
        # two at once: the second takes over what the first was killed with
        with (
            running(*folding, f"one-{life}", **settings) as one,
            running(*folding, f"two-{life}", **settings),
        ):
            until(lambda: not waiting(client))
            while step < STEPS * (life + 1) // LIVES:
                salary(client, balance_minor=500 if step % 2 else 300_000)
                alerts = log(client)
                if step % 5 == 0 and alerts:
                    happens(client, "alert_seen", alert_id=alerts[-1].alert_id)
                step += 1
                if step % 3 == 0:
                    until(lambda: not waiting(client))
            one.send_signal(signal.SIGKILL)
    salary(client, balance_minor=300_000)


def stop(server: subprocess.Popen[bytes]) -> None:
    """As an operator does; who watches is told, so it ends at once and not after its patience."""
    begun = time.monotonic()
    server.send_signal(signal.SIGTERM)
    server.wait(PATIENCE_S)
    assert time.monotonic() - begun < 9, "it waited for its viewers"


def waiting(client: redis.Redis) -> int:
    """Events that are not folded yet: a worker trims those that are."""
    return int(str(client.xlen(keyspace.EVENTS)))


def _told(client: redis.Redis) -> list[tuple[str, str]]:
    entries: Any = client.xrange(keyspace.alert_log("ann"))
    return [(name.decode(), json.loads(fields[b"c"])["status"]) for name, fields in entries]


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=2.0).status_code == 200
    except httpx.TransportError:
        return False
