"""Figures for Prometheus. Requests add to plain integers; they are named only when someone asks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prometheus_client.core import (
    CollectorRegistry,
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from service.auth.key_file import KeyFile
from service.decisions import Decisions
from service.follower import Follower
from service.store.reader import Reader

MEDIA_TYPE = CONTENT_TYPE_LATEST

BOUNDS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


class Latency:
    """A histogram of seconds, one integer a bucket."""

    __slots__ = ("buckets", "total_s")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS_S) + 1)
        self.total_s = 0.0

    def add(self, seconds: float) -> None:
        self.buckets[bisect_left(BOUNDS_S, seconds)] += 1
        self.total_s += seconds

    def cumulative(self) -> Iterator[tuple[str, float]]:
        """Upper bound and count up to it, as Prometheus wants them."""
        count = 0
        for bound, bucket in zip((*map(str, BOUNDS_S), "+Inf"), self.buckets, strict=True):
            count += bucket
            yield bound, count


@dataclass(frozen=True, eq=False)
class Figures(Collector):
    """Reads the counts where they are kept."""

    reader: Reader
    follower: Follower
    decisions: Decisions
    latency: Latency
    responses: dict[int, int]
    key_file: KeyFile
    others: tuple[Collector, ...] = ()
    """Figures that are kept elsewhere."""

    def exposition(self) -> bytes:
        """The text that Prometheus scrapes. Each worker process counts for itself."""
        registry = CollectorRegistry()
        for collector in (self, *self.others):
            registry.register(collector)
        return generate_latest(registry)

    def collect(self) -> Iterable[Metric]:
        yield self._responses()
        yield HistogramMetricFamily(
            "raak_recommendations_seconds",
            "Time to answer a request for recommendations",
            buckets=list(self.latency.cumulative()),
            sum_value=self.latency.total_s,
        )
        yield self._answers()
        yield _counter("raak_decision_faults", "Decisions that failed", self.decisions.tally.faults)
        yield _counter(
            "raak_accounts_conformed",
            "Accounts read that were built for another catalogue: publish them again",
            self.decisions.tally.conformed,
        )
        yield _gauge(
            "raak_api_keys_broken",
            "1 while the file of API keys cannot be read and the keys read before stay",
            self.key_file.broken,
        )
        yield _gauge("raak_redis_up", "1 when Redis answers", self.reader.up)
        yield _counter("raak_redis_failures", "Times Redis fell", self.reader.failures)
        yield _counter("raak_redis_round_trips", "Round trips to Redis", self.reader.round_trips)
        yield self._lost_writes()
        yield self._version()
        yield _counter("raak_live_swaps", "Bundles put in force", self.follower.swaps)
        yield _counter("raak_live_failures", "Bundles refused", self.follower.failures)

    def _responses(self) -> Metric:
        family = CounterMetricFamily(
            "raak_responses", "Responses to requests for recommendations", labels=["status"]
        )
        for status, count in sorted(self.responses.items()):
            family.add_metric([str(status)], count)
        return family

    def _answers(self) -> Metric:
        family = CounterMetricFamily(
            "raak_answers", "Recommendations by how they came about", labels=["how"]
        )
        tally = self.decisions.tally
        for how in ("cached", "computed", "unknown", "degraded"):
            family.add_metric([how], getattr(tally, how))
        return family

    def _lost_writes(self) -> Metric:
        family = CounterMetricFamily(
            "raak_decisions_not_stored", "Fresh decisions that Redis did not get", labels=["why"]
        )
        family.add_metric(["dropped"], self.reader.writes_dropped)
        family.add_metric(["refused"], self.reader.writes_failed)
        return family

    def _version(self) -> Metric:
        family = GaugeMetricFamily(
            "raak_live", "1 for what is in force", labels=["version", "model", "catalogue"]
        )
        live = self.follower.live
        if live is not None:
            family.add_metric([live.version, live.versions.model, live.versions.catalogue], 1)
        return family


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(name, text, value=value)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=float(value))
