"""Chaos: real processes, the worker killed and Redis restarted while events come in, many twice.

Holds when each unique event is applied exactly once, nothing is pending, and the event log has each
exactly once. `make test` runs a small one, `make bench ONLY=events_chaos` the full one.
"""

from __future__ import annotations

import http.client
import json
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import redis

from bench.events import backlog
from bench.events_stage import (
    LOOKS,
    SHOWINGS,
    Bank,
    NotTaken,
    Sender,
    WorkerProcess,
    batches,
    service,
)
from bench.figures import Figure, at_most, measured
from cli.embedded import EmbeddedValkey, free_port, start
from recommender import keyspace
from recommender.account import Account, unpack
from recommender.events import fold, parse_event
from recommender.interests import level_at

PATIENCE_S = 120.0


@dataclass(frozen=True)
class Size:
    """How much happens."""

    events: int = 200_000
    accounts: int = 2_000
    doubled: float = 0.2
    kills: int = 30
    restarts: int = 3
    seed: int = 7


@dataclass
class Outcome:
    """What is wrong afterwards: all of it must be nothing."""

    unique: int = 0
    sent: int = 0
    misfolded: list[str] = field(default_factory=list)
    missing: int = 0
    doubled: int = 0
    pending: int = 0
    dead: int = 0

    @property
    def wrong(self) -> int:
        return len(self.misfolded) + self.missing + self.doubled + self.pending + self.dead


def measure() -> Iterable[Figure]:
    size = Size()
    started = time.perf_counter()
    outcome = run(size)
    yield measured("events_chaos.unique", outcome.unique, "events")
    yield measured("events_chaos.sent", outcome.sent, "events")
    yield measured("events_chaos.kills", size.kills, "")
    yield measured("events_chaos.redis_restarts", size.restarts, "")
    yield measured("events_chaos.seconds", time.perf_counter() - started, "s")
    yield at_most("events_chaos.wrong", outcome.wrong, "events", 0)


def run(size: Size) -> Outcome:
    """Send everything through the chaos, let it settle, and look."""
    rng = random.Random(size.seed)  # noqa: S311  # repeatable
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="raak-chaos-")))
        valkey = running.enter_context(durable_valkey(folder))
        bank = Bank.published(valkey.url, size.accounts)
        log = {"RAAK_EVENTS_LOG_DIR": str(folder / "events"), "RAAK_EVENTS_LOG_EVERY_S": "1"}
        sender, settings = running.enter_context(service(valkey.url, folder, **log))
        worker = WorkerProcess(settings)
        running.callback(worker.kill)
        events = bank.events(size.events, size.seed, (*LOOKS, *SHOWINGS))
        again = rng.sample(events, int(size.doubled * len(events)))
        everything = shuffled(events, again, rng)
        sending = Sending(sender, batches(everything))
        sending.start()
        havoc(size, sending, worker, valkey, rng)
        sending.join()
        with redis.Redis.from_url(valkey.url) as client:
            settle(client)
            worker.stop()
            outcome = look(client, bank, events, folder / "events")
        outcome.sent = len(everything)
    return outcome


def shuffled(
    events: list[dict[str, Any]], again: list[dict[str, Any]], rng: random.Random
) -> list[dict[str, Any]]:
    """Each repetition somewhere among the others, before or after its like."""
    everything = events + again
    rng.shuffle(everything)
    return everything


class Sending(threading.Thread):
    """Sends every batch until it is known to be taken: sending again is always safe."""

    def __init__(self, sender: Sender, bodies: list[bytes]) -> None:
        super().__init__(daemon=True)
        self._sender, self._bodies = sender, bodies
        self.done = 0
        self.statuses: Counter[str] = Counter()

    @property
    def share(self) -> float:
        return self.done / len(self._bodies)

    def run(self) -> None:
        for body in self._bodies:
            while not self._taken(body):
                time.sleep(0.02)
            self.done += 1

    def _taken(self, body: bytes) -> bool:
        with suppress(NotTaken, OSError, http.client.HTTPException):
            said = self._sender.post(body)
            self.statuses.update({name: said[name] for name in ("duplicate", "rejected")})
            if said["rejected"]:
                raise RuntimeError(f"refused: {said['results'][0]}")
            return True
        return False


class DurableValkey:
    """A server that keeps all in its append-only file, and can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self._server = start(self._port, folder, durable=True)

    @property
    def url(self) -> str:
        return self._server.url

    def restart(self) -> None:
        self._server.stop()  # by a signal that nobody hears
        self._server = start(self._port, self._folder, durable=True)

    @property
    def server(self) -> EmbeddedValkey:
        return self._server


@contextmanager
def durable_valkey(folder: Path) -> Iterator[DurableValkey]:
    place = folder / "valkey"
    place.mkdir()
    valkey = DurableValkey(place)
    try:
        yield valkey
    finally:
        valkey.server.stop()


def havoc(
    size: Size, sending: Sending, worker: WorkerProcess, valkey: DurableValkey, rng: random.Random
) -> None:
    """Kills and restarts, spread over the sending, each at a moment of chance."""
    blows = ["worker"] * size.kills + ["redis"] * size.restarts
    rng.shuffle(blows)
    for number, blow in enumerate(blows):
        due = (number + rng.random()) / len(blows)
        while sending.is_alive() and sending.share < due:
            time.sleep(0.002)
        if blow == "redis":
            valkey.restart()
            continue
        worker.kill()
        worker.start()
        time.sleep(rng.uniform(0.5, 1.5))  # long enough to begin on something


def settle(client: redis.Redis) -> None:
    """Return when nothing waits. Raises TimeoutError."""
    deadline = time.monotonic() + PATIENCE_S
    while backlog(client):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{backlog(client)} events are still not folded")
        time.sleep(0.05)


def look(client: redis.Redis, bank: Bank, events: list[dict[str, Any]], log: Path) -> Outcome:
    logged = Counter(
        event_id
        for path in log.glob("day=*/bucket=*/[!.]*.parquet")
        for event_id in pq.ParquetFile(path).read(["event_id"]).column(0).to_pylist()
    )
    told = {event["event_id"] for event in events}
    return Outcome(
        unique=len(told),
        misfolded=list(misfolded(client, bank, events)),
        missing=len(told - set(logged)),
        doubled=sum(count - 1 for count in logged.values()) + len(set(logged) - told),
        pending=backlog(client),
        dead=int(client.xlen(keyspace.EVENTS_DEAD)),
    )


def misfolded(client: redis.Redis, bank: Bank, events: list[dict[str, Any]]) -> Iterator[str]:
    """Accounts whose levels are not the sum of their events, or whose contacts are not those of
    their events: one more or less shows at once.
    """
    by_account: dict[str, list[bytes]] = {account_id: [] for account_id in bank.accounts}
    for event in events:
        by_account[event["account_id"]].append(json.dumps(event).encode())
    now = datetime.now(UTC)
    for account_id, texts in by_account.items():
        found: Any = client.get(keyspace.state(account_id))
        state = unpack(found)
        alone = Account(account_id, consent=state.consent)
        for text in texts:
            alone = fold(alone, parse_event(text), bank.catalogue)
        if not alike(state, alone, now, bank.catalogue.interest.half_life_days):
            yield account_id


def alike(one: Account, other: Account, at: datetime, half_life_days: float) -> bool:
    if one.contacts != other.contacts:
        return False
    for ours, theirs in (
        (one.product_interest, other.product_interest),
        (one.domain_interest, other.domain_interest),
    ):
        if set(ours) != set(theirs):
            return False
        for subject, interest in ours.items():
            level = level_at(interest, at, half_life_days)
            if abs(level - level_at(theirs[subject], at, half_life_days)) > 1e-6:
                return False
    return True
