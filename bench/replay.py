"""A log of ten thousand decisions, made again: the service shows, the worker logs, `raak replay`.

Each decision is of another account of the demo bank, in placements, channels and languages that
take turns. The replay runs in a process with a hash seed of its own.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import redis

from bench.events_stage import Sender, WorkerProcess, service
from bench.figures import Figure, at_least, at_most, measured
from bench.serving.bank import demo_bundle, demo_people
from cli.demo.service import raak
from cli.embedded import embedded_valkey
from recommender import keyspace
from service.publish import Publication, publish

DECISIONS = 10_000
QUESTIONS: tuple[dict[str, str], ...] = (
    {},
    {"placement": "message_centre", "language": "nl", "explain": "true"},
    {"channel": "app", "limit": "5"},
    {"placement": "advice_desk", "channel": "branch", "explain": "true"},
)
LOOK_EVERY_S = 0.05
SAID = re.compile(r"(\d+) decisions: (\d+) equal, (\d+) different, (\d+) erased, (\d+) impossible")


def measure() -> Iterable[Figure]:
    with tempfile.TemporaryDirectory(prefix="raak-bench-") as name:
        log = Path(name) / "decisions"
        show(Path(name), log)
        started = time.perf_counter()
        counts = replayed(log)
        seconds = time.perf_counter() - started
    decisions, equal, *others = counts
    yield at_least("replay.decisions", decisions, "decisions", DECISIONS)
    yield at_most("replay.differences", decisions - equal, "decisions", 0)
    yield at_most("replay.not_replayed", sum(others[1:]), "decisions", 0)
    yield measured("replay.decisions_per_s", decisions / seconds, "1/s")


def show(folder: Path, log: Path) -> None:
    """Ask for everybody's recommendations once; return when all of it is logged."""
    people = demo_people(DECISIONS)
    with ExitStack() as running:
        url = running.enter_context(embedded_valkey()).url
        client = running.enter_context(redis.Redis.from_url(url))
        publish(client, people, demo_bundle(), Publication(placements=()))
        settings = {"RAAK_DECISIONS_LOG_DIR": str(log), "RAAK_DECISIONS_LOG_EVERY_S": "2"}
        sender, known = running.enter_context(service(url, folder, **settings))
        worker = WorkerProcess(known)
        running.callback(worker.kill)
        for number, person in enumerate(people):
            ask(sender, person.account_id, QUESTIONS[number % len(QUESTIONS)])
        while client.xlen(keyspace.DECISIONS):
            time.sleep(LOOK_EVERY_S)
        worker.stop()


def ask(sender: Sender, account_id: str, question: dict[str, str]) -> None:
    path = f"/v1/accounts/{account_id}/recommendations?{urlencode(question)}"
    if sender.get(path)["degraded"]:
        raise RuntimeError(f"{path}: degraded, so it is no decision of this account")


def replayed(log: Path) -> tuple[int, ...]:
    """What `raak replay --all` counts: decisions, equal, different, erased, impossible."""
    said = subprocess.run(
        raak("replay", "--all", "--log", log),
        env={**os.environ, "PYTHONHASHSEED": "7"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    ).stdout
    found = SAID.search(said)
    if found is None:
        raise RuntimeError(f"raak replay said: {said}")
    return tuple(map(int, found.groups()))
