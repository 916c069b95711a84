"""What a worker counts, and how it is told to Prometheus."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from service.events.ingestion import ACCEPTED, DUPLICATE, REJECTED, IngestTally

DELAYS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 60.0)


@dataclass(eq=False)
class WorkerTally(Collector):
    """Since the start of this worker; `waiting` is the stream's length when it last looked, and
    `erasing` how many parts of erasures were still to be done.
    """

    folded: int = 0
    unknown: int = 0
    buried: int = 0
    conflicts: int = 0
    alert_faults: int = 0
    logged: int = 0
    unreadable: int = 0
    waiting: int = 0
    erasing: int = 0
    delays: list[int] = field(default_factory=lambda: [0] * (len(DELAYS_S) + 1))
    delay_s: float = 0.0

    def delayed(self, seconds: float) -> None:
        """From the stream to the state."""
        self.delays[bisect_left(DELAYS_S, seconds)] += 1
        self.delay_s += seconds

    def collect(self) -> Iterable[Metric]:
        folded = CounterMetricFamily(
            "raak_events_folded", "Events that reached the worker, by outcome", labels=["outcome"]
        )
        for outcome in ("folded", "unknown", "buried"):
            folded.add_metric([outcome], getattr(self, outcome))
        yield folded
        yield CounterMetricFamily(
            "raak_events_conflicts", "States that changed meanwhile", value=self.conflicts
        )
        yield CounterMetricFamily(
            "raak_alert_faults", "Accounts whose alerts could not be told", value=self.alert_faults
        )
        yield CounterMetricFamily(
            "raak_events_logged", "Events written to the event log", value=self.logged
        )
        yield GaugeMetricFamily(
            "raak_events_waiting", "Events on the stream", value=float(self.waiting)
        )
        yield GaugeMetricFamily(
            "raak_erasures_waiting", "Parts of erasures to be done", value=float(self.erasing)
        )
        yield HistogramMetricFamily(
            "raak_events_delay_seconds",
            "From the stream to the state",
            buckets=self._cumulative(),
            sum_value=self.delay_s,
        )

    def _cumulative(self) -> list[tuple[str, float]]:
        count, said = 0, []
        for bound, delays in zip((*map(str, DELAYS_S), "+Inf"), self.delays, strict=True):
            count += delays
            said.append((bound, float(count)))
        return said


@dataclass(frozen=True, eq=False)
class IngestFigures(Collector):
    """What a service's process took in."""

    tally: IngestTally

    def collect(self) -> Iterable[Metric]:
        tally = self.tally
        events = CounterMetricFamily(
            "raak_events", "Events by what became of them", labels=["status"]
        )
        for status in (ACCEPTED, DUPLICATE, REJECTED):
            events.add_metric([status], getattr(tally, status))
        yield events
        yield CounterMetricFamily(
            "raak_events_of_erased",
            "Events that were accepted and dropped, their account being erased",
            value=tally.erased,
        )
        batches = CounterMetricFamily(
            "raak_event_batches_refused", "Batches that were not taken", labels=["why"]
        )
        batches.add_metric(["backlog"], tally.turned_away)
        batches.add_metric(["redis"], tally.failed)
        yield batches
        yield GaugeMetricFamily(
            "raak_events_waiting", "Events on the stream", value=float(tally.waiting)
        )
