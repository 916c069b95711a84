"""Serving: our endpoint, cached and computing, against the least a service with Redis can do.

In one run on this machine, one worker each. Other work on the machine slows everything, so the
three are measured in turn, round after round, and what is judged is the median of the ratios.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import redis

from bench.figures import Figure, at_least, at_most, measured
from bench.serving.bank import demo_bundle, demo_days, demo_people
from bench.serving.floor import BODY_KEY
from bench.serving.load import Load, closed_loop, held_rate, tools
from bench.serving.processes import floor
from cli.demo.access import Access
from cli.demo.service import HOST, running_service
from cli.embedded import embedded_valkey, free_port
from recommender.days import Days
from service.publish import Publication, publish

SECONDS = 4.0
TAKES = timedelta(minutes=5)
"""Longer than all of it."""
CACHED_BAR = 0.9
COMPUTED_BAR = 0.45
P99_BAR_MS = 5.0

QUERY = "placement=home&channel=web"
# Published answers are for the account's own language. These are the same work under other keys:
# one question a round, so that nobody is asked about twice and no answer has to expire, which
# would keep Redis busy while the others are measured.
FRESH = [
    f"placement=home&channel={channel}&language={language}"
    for language in ("en", "nl")
    for channel in ("phone", "web", "app")
]


@dataclass(frozen=True, slots=True)
class Stage:
    """Addresses to ask, `ACCOUNT` standing for an account id; `ids` has one a line.

    `computed` has one for each round.
    """

    floor: str
    cached: str
    computed: tuple[str, ...]
    key: str
    ids: Path

    def one(self, url: str) -> str:
        return url.replace("ACCOUNT", self.ids.read_text().partition("\n")[0])


@dataclass(frozen=True, slots=True)
class Round:
    """Each as fast as it goes; then the first two at half that rate."""

    floor: Load
    cached: Load
    computed: Load
    held: Load
    held_floor: Load


def measure() -> Iterable[Figure]:
    """Raises Skipped where wrk or hey is missing."""
    tools()
    time.sleep(wait_s(demo_days(), datetime.now(UTC)))
    with staged() as stage:
        rounds = [one_round(stage, computed) for computed in stage.computed][1:]  # one warms up
        check_computed(stage)
    yield from closed_loop_figures(rounds)
    yield from held_rate_figures(rounds)


def wait_s(days: Days, now: datetime) -> float:
    """How long until it can be measured: published answers end with the bank's day, and one that
    turned meanwhile would make the cached ones computed.
    """
    left = days.ends(now) - now
    return left.total_seconds() if left < TAKES else 0.0


def one_round(stage: Stage, computed: str) -> Round:
    floor = closed_loop(stage.floor, stage.key, SECONDS)
    cached = closed_loop(stage.cached, stage.key, SECONDS, stage.ids)
    return Round(
        floor=floor,
        cached=cached,
        computed=closed_loop(computed, stage.key, SECONDS, stage.ids),
        held=held_rate(stage.one(stage.cached), stage.key, SECONDS, cached.rate / 2),
        held_floor=held_rate(stage.floor, stage.key, SECONDS, floor.rate / 2),
    )


def closed_loop_figures(rounds: list[Round]) -> Iterator[Figure]:
    for name in ("floor", "cached", "computed"):
        loads: list[Load] = [getattr(one, name) for one in rounds]
        yield measured(f"serving.{name}_rps", median(load.rate for load in loads), "1/s")
        yield measured(f"serving.{name}_full_p50_ms", median(load.p50_ms for load in loads), "ms")
        yield measured(f"serving.{name}_full_p99_ms", median(load.p99_ms for load in loads), "ms")
    cached = median(one.cached.rate / one.floor.rate for one in rounds)
    yield at_least("serving.cached_over_floor", cached, "x", CACHED_BAR)
    computed = median(one.computed.rate / one.floor.rate for one in rounds)
    yield at_least("serving.computed_over_floor", computed, "x", COMPUTED_BAR)


def held_rate_figures(rounds: list[Round]) -> Iterator[Figure]:
    """The floor's own, at half its lower rate, says how much of a tail is the machine's."""
    held, floor = [one.held for one in rounds], [one.held_floor for one in rounds]
    yield measured("serving.held_rps", median(load.rate for load in held), "1/s")
    yield measured("serving.held_p50_ms", median(load.p50_ms for load in held), "ms")
    p99 = median(load.p99_ms for load in held)
    yield at_most("serving.cached_p99_ms", p99, "ms", P99_BAR_MS)
    yield measured("serving.floor_held_rps", median(load.rate for load in floor), "1/s")
    yield measured("serving.floor_held_p99_ms", median(load.p99_ms for load in floor), "ms")


@contextmanager
def staged() -> Iterator[Stage]:
    """A Valkey with the demo bank published, the floor, and our service twice."""
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="raak-bench-")))
        valkey = running.enter_context(embedded_valkey())
        people = demo_people()
        ids = folder / "ids"
        ids.write_text("".join(f"{account.account_id}\n" for account in people))
        with redis.Redis.from_url(valkey.url) as client:
            publish(client, people, demo_bundle(), Publication())
            access = Access.fresh(folder)
            settings = {"RAAK_REDIS_URL": valkey.url, **access.settings()}
            cached, computed = serve(running, settings), serve(running, settings)
            path = "/v1/accounts/ACCOUNT/recommendations"
            stage = Stage(
                floor=running.enter_context(floor(valkey.url)),
                cached=f"{cached}{path}?{QUERY}",
                computed=tuple(f"{computed}{path}?{query}" for query in FRESH),
                key=access.api_key,
                ids=ids,
            )
            client.set(BODY_KEY, get(stage.one(stage.cached), stage.key))
        yield stage


def serve(running: ExitStack, settings: dict[str, str]) -> str:
    port = free_port()
    running.enter_context(running_service(port, settings))
    return f"http://{HOST}:{port}"


def check_computed(stage: Stage) -> None:
    """The cache must not have hidden the computing, nor a fallback either of them."""
    for url, wanted in ((stage.cached, "cached"), (stage.computed[0], "computed")):
        base = url.partition("/v1/")[0]
        text = get(f"{base}/metrics", stage.key).decode()
        counts = {
            how: float(line.rpartition(" ")[2])
            for line in text.splitlines()
            for how in ("cached", "computed", "unknown", "degraded")
            if line.startswith(f'raak_answers_total{{how="{how}"}}')
        }
        if counts[wanted] < 0.99 * sum(counts.values()):
            raise RuntimeError(f"not {wanted} after all: {json.dumps(counts)}")


def get(url: str, key: str) -> bytes:
    request = urllib.request.Request(url, headers={"X-API-Key": key})  # noqa: S310  # our own address
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
        body: bytes = response.read()
    return body


def median(values: Iterable[float]) -> float:
    return statistics.median(values)
