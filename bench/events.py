"""Events: how many a second one API worker and one folding worker take, and how soon it shows.

First on a Redis that keeps all in memory, so that what is measured is Raak. Then on one that has
all in its file before it answers, as compose.yaml has it: that measures the disk, too.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from bench.events_stage import BATCH, Bank, Sender, WorkerProcess, batches, service
from bench.figures import Figure, at_least, at_most, measured
from cli.embedded import free_port, start
from recommender import keyspace
from service.events.stream import GROUP

ACCOUNTS = 20_000
EVENTS = 200_000
SENDERS = 2
INGEST_BAR = 20_000.0
EFFECT_BAR_MS = 250.0
EFFECT_SECONDS = 20.0
HELD = 0.99
"""Of the rate that is to come in meanwhile: a sender that falls behind makes it easier."""
PROBE_EVERY_S = 0.1
LOOK_EVERY_S = 0.005


@dataclass(frozen=True)
class Pace:
    """What one Redis allowed: events a second accepted and folded, the load that was held while
    effects were awaited, and how long these took.
    """

    ingest: float
    folded: float
    load: float
    delays_ms: list[float]

    @property
    def p50_ms(self) -> float:
        return statistics.median(self.delays_ms)

    @property
    def p99_ms(self) -> float:
        return statistics.quantiles(self.delays_ms, n=100)[98]


def measure() -> Iterable[Figure]:
    pace = pace_of(durable=False)
    yield at_least("events.ingest_per_s", pace.ingest, "1/s", INGEST_BAR)
    yield measured("events.folded_per_s", pace.folded, "1/s")
    yield at_least("events.effect_load_per_s", pace.load, "1/s", HELD * INGEST_BAR / 4)
    yield measured("events.effect_p50_ms", pace.p50_ms, "ms")
    yield at_most("events.effect_p99_ms", pace.p99_ms, "ms", EFFECT_BAR_MS)
    pace = pace_of(durable=True)
    yield measured("events.durable_ingest_per_s", pace.ingest, "1/s")
    yield measured("events.durable_folded_per_s", pace.folded, "1/s")
    yield measured("events.durable_effect_load_per_s", pace.load, "1/s")
    yield measured("events.durable_effect_p50_ms", pace.p50_ms, "ms")
    yield measured("events.durable_effect_p99_ms", pace.p99_ms, "ms")


def pace_of(*, durable: bool) -> Pace:
    """Start all there is to it, and measure."""
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="raak-bench-")))
        place = folder / "valkey"
        place.mkdir()
        valkey = start(free_port(), place, durable=durable)
        running.callback(valkey.stop)
        url = valkey.url
        bank = Bank.published(url, ACCOUNTS)
        log = {"RAAK_EVENTS_LOG_DIR": str(folder / "events")}
        sender, settings = running.enter_context(service(url, folder, **log))
        worker = WorkerProcess(settings)
        running.callback(worker.kill)
        client = running.enter_context(redis.Redis.from_url(url))
        send_all(sender, batches(bank.events(20_000, seed=1)))  # warms up
        drained(client)
        taken_s, folded_s = ingest(client, sender, batches(bank.events(EVENTS, seed=2)))
        delays, held = effect(sender, bank)
    return Pace(EVENTS / taken_s, EVENTS / folded_s, held, delays)


def ingest(client: redis.Redis, sender: Sender, bodies: list[bytes]) -> tuple[float, float]:
    """Seconds until all were accepted, and until all were folded."""
    started = time.perf_counter()
    send_all(sender, bodies)
    taken = time.perf_counter() - started
    drained(client)
    return taken, time.perf_counter() - started


def send_all(sender: Sender, bodies: list[bytes]) -> None:
    """From a few connections, each as fast as it is answered."""
    threads = [
        threading.Thread(
            target=_send, args=(Sender(sender.port, sender.key), bodies[part::SENDERS])
        )
        for part in range(SENDERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _send(sender: Sender, bodies: list[bytes]) -> None:
    for body in bodies:
        sender.post(body)


def drained(client: redis.Redis) -> None:
    """Return when every event is folded and acknowledged."""
    while backlog(client):
        time.sleep(0.01)


def backlog(client: redis.Redis) -> int:
    groups: Any = client.xinfo_groups(keyspace.EVENTS)
    group = next((one for one in groups if one["name"] == GROUP.encode()), None)
    return 1 if group is None else int(group["lag"] or 0) + int(group["pending"])


def effect(sender: Sender, bank: Bank) -> tuple[list[float], float]:
    """Milliseconds from sending an event until the account's picture shows it, while a quarter of
    the bar's rate comes in; and the rate that really did.
    """
    stop = threading.Event()
    load = Load(sender, bank, INGEST_BAR / 4, stop)
    load.start()
    probe = Sender(sender.port, sender.key)
    delays = []
    deadline = time.perf_counter() + EFFECT_SECONDS
    try:
        for number, event in enumerate(bank.events(10_000, seed=3)):
            if time.perf_counter() > deadline:
                break
            delays.append(_shows(probe, event | {"account_id": bank.accounts[number]}))
            time.sleep(PROBE_EVERY_S)
    finally:
        stop.set()
        load.join()
    return delays, load.held


def _shows(probe: Sender, event: dict[str, Any]) -> float:
    path = f"/v1/accounts/{event['account_id']}"
    while (before := _interest(probe, path)) is None:
        time.sleep(LOOK_EVERY_S)
    started = time.perf_counter()
    probe.post(batches([event])[0])
    while _interest(probe, path) in (before, None):
        time.sleep(LOOK_EVERY_S)
    return 1000 * (time.perf_counter() - started)


def _interest(probe: Sender, path: str) -> dict[str, Any] | None:
    """None where Redis was too slow for an answer to show it: it does not show then."""
    profile = probe.get(path)["profile"]
    return None if profile is None else profile["product_interest"]


class Load(threading.Thread):
    """Holds a rate (events a second), with events of accounts that nobody looks at."""

    def __init__(self, sender: Sender, bank: Bank, rate: float, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        others = Bank(bank.accounts[len(bank.accounts) // 2 :], bank.catalogue)
        self._bodies = batches(others.events(int(rate * (EFFECT_SECONDS + 5)), seed=4))
        self._sender = Sender(sender.port, sender.key)
        self._rate, self._stopped = rate, stop
        self.held = 0.0
        """What came of it."""

    def run(self) -> None:
        started = time.perf_counter()
        for number, body in enumerate(self._bodies, start=1):
            due = started + (number - 1) * BATCH / self._rate
            if self._stopped.wait(max(0.0, due - time.perf_counter())):
                return
            self._sender.post(body)
            self.held = number * BATCH / max(time.perf_counter() - started, BATCH / self._rate)
