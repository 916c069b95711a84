"""Events: how many a second one API worker and one folding worker take, and how soon it shows."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import redis

from bench.events_stage import BATCH, Bank, Sender, WorkerProcess, batches, service
from bench.figures import Figure, at_least, at_most, measured
from cli.embedded import embedded_valkey
from recommender import keyspace
from service.events.stream import GROUP

ACCOUNTS = 20_000
EVENTS = 200_000
SENDERS = 2
INGEST_BAR = 20_000.0
EFFECT_BAR_MS = 250.0
EFFECT_SECONDS = 20.0
PROBE_EVERY_S = 0.1
LOOK_EVERY_S = 0.005


def measure() -> Iterable[Figure]:
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="raak-bench-")))
        url = running.enter_context(embedded_valkey()).url
        bank = Bank.published(url, ACCOUNTS)
        log = {"RAAK_EVENTS_LOG_DIR": str(folder / "events")}
        sender, settings = running.enter_context(service(url, folder, **log))
        worker = WorkerProcess(settings)
        running.callback(worker.kill)
        client = running.enter_context(redis.Redis.from_url(url))
        send_all(sender, batches(bank.events(20_000, seed=1)))  # warms up
        drained(client)
        taken_s, folded_s = ingest(client, sender, batches(bank.events(EVENTS, seed=2)))
        yield at_least("events.ingest_per_s", EVENTS / taken_s, "1/s", INGEST_BAR)
        yield measured("events.folded_per_s", EVENTS / folded_s, "1/s")
        delays = effect(sender, bank)
        yield measured("events.effect_p50_ms", statistics.median(delays), "ms")
        p99 = statistics.quantiles(delays, n=100)[98]
        yield at_most("events.effect_p99_ms", p99, "ms", EFFECT_BAR_MS)


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


def effect(sender: Sender, bank: Bank) -> list[float]:
    """Milliseconds from sending an event until the account's picture shows it, while a quarter of
    the bar's rate comes in.
    """
    stop = threading.Event()
    load = threading.Thread(target=_hold_rate, args=(sender, bank, INGEST_BAR / 4, stop))
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
    return delays


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


def _hold_rate(sender: Sender, bank: Bank, rate: float, stop: threading.Event) -> None:
    """Never the accounts that are looked at."""
    others = Bank(bank.accounts[len(bank.accounts) // 2 :], bank.catalogue)
    bodies = batches(others.events(int(rate * (EFFECT_SECONDS + 5)), seed=4))
    own = Sender(sender.port, sender.key)
    started = time.perf_counter()
    for number, body in enumerate(bodies):
        due = started + number * BATCH / rate
        if stop.wait(max(0.0, due - time.perf_counter())):
            return
        own.post(body)
