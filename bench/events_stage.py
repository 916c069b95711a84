"""What measuring events needs: a Valkey, the service, a worker, accounts, and a sender."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import redis

from bench.serving.bank import demo_bundle
from cli.demo.access import Access
from cli.demo.service import HOST, raak, running_service
from cli.embedded import free_port
from recommender.account import Account, Consent
from recommender.catalogue import Catalogue
from recommender.live import read_bundle
from service.publish import Publication, publish

BATCH = 100
LOOKS = ("page_view", "search", "click")
SHOWINGS = ("impression", "dismiss")
"""These count as contacts, or as answers to one."""


@dataclass(frozen=True)
class Bank:
    """Accounts in force, and events that may happen to them."""

    accounts: list[str]
    catalogue: Catalogue

    @classmethod
    def published(cls, url: str, count: int) -> Self:
        bundle = demo_bundle()
        people = [
            Account(f"bench-{number}", consent=Consent(personalisation=True, marketing=True))
            for number in range(count)
        ]
        with redis.Redis.from_url(url) as client:
            publish(client, people, bundle, Publication())
        return cls([person.account_id for person in people], read_bundle(*bundle).catalogue)

    def event(self, rng: random.Random, kinds: Sequence[str] = LOOKS) -> dict[str, Any]:
        return {
            "event_id": str(uuid.UUID(int=rng.getrandbits(128))),
            "account_id": rng.choice(self.accounts),
            "at": datetime.now(UTC).isoformat(),
            "channel": "web",
            "kind": rng.choice(kinds),
            "product_id": rng.choice(tuple(self.catalogue.products)),
        }

    def events(self, count: int, seed: int, kinds: Sequence[str] = LOOKS) -> list[dict[str, Any]]:
        rng = random.Random(seed)  # noqa: S311  # repeatable
        return [self.event(rng, kinds) for _ in range(count)]


def batches(events: Sequence[dict[str, Any]], size: int = BATCH) -> list[bytes]:
    """Bodies, made ahead: what is measured is not how fast we write JSON."""
    return [
        json.dumps({"events": events[start : start + size]}).encode()
        for start in range(0, len(events), size)
    ]


@dataclass
class Sender:
    """One connection to the service."""

    port: int
    key: str
    _connection: http.client.HTTPConnection | None = None

    def post(self, body: bytes) -> dict[str, Any]:
        """What became of a batch. Raises OSError or http.client.HTTPException when it is not
        known, and `NotTaken` when it was not taken.
        """
        connection = self._connection or http.client.HTTPConnection(HOST, self.port, timeout=10)
        self._connection = None
        headers = {"X-API-Key": self.key, "Content-Type": "application/json"}
        try:
            connection.request("POST", "/v1/events", body, headers)
            response = connection.getresponse()
            said = response.read()
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        if response.status != 200:
            raise NotTaken(f"{response.status}: {said[:200]!r}")
        result: dict[str, Any] = json.loads(said)
        return result

    def get(self, path: str) -> dict[str, Any]:
        connection = self._connection or http.client.HTTPConnection(HOST, self.port, timeout=10)
        connection.request("GET", path, headers={"X-API-Key": self.key})
        result: dict[str, Any] = json.loads(connection.getresponse().read())
        self._connection = connection
        return result

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


class NotTaken(Exception):
    """The service said that it did not take the batch."""


@dataclass
class WorkerProcess:
    """`raak worker`, which may be killed and started again."""

    settings: dict[str, str]
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        command = raak("worker", "--name", "bench", "--log-level", "error")
        self.process = subprocess.Popen(command, env={**os.environ, **self.settings})

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Raises RuntimeError when it does not end well."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        if code:
            raise RuntimeError(f"the worker ended with {code}")


@contextmanager
def service(url: str, folder: Path, **settings: str) -> Iterator[tuple[Sender, dict[str, str]]]:
    """`raak serve`, somebody who may send to it, and the settings for a worker beside it."""
    access = Access.fresh(folder)
    port = free_port()
    known = {"RAAK_REDIS_URL": url, **access.settings(), **settings}
    with running_service(port, known), closing(Sender(port, access.api_key)) as sender:
        yield sender, known
