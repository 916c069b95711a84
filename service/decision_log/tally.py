"""What the decision log counts, and how it is told to Prometheus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from service.decision_log.outbox import Outbox
from service.decision_log.review import Check


@dataclass(frozen=True, eq=False)
class OutboxFigures(Collector):
    """What a service's process showed, on its way to the log."""

    outbox: Outbox

    def collect(self) -> Iterable[Metric]:
        yield CounterMetricFamily(
            "raak_decisions_streamed",
            "Decisions shown that are on their way to the decision log",
            value=self.outbox.streamed,
        )
        lost = CounterMetricFamily(
            "raak_decisions_lost",
            "Decisions shown that the decision log will never have",
            labels=["why"],
        )
        for why in ("full", "refused", "dropped"):
            lost.add_metric([why], getattr(self.outbox, why))
        yield lost


@dataclass(eq=False)
class LogTally(Collector):
    """What a worker wrote to the log, since its start."""

    by_check: dict[Check, int] = field(default_factory=lambda: dict.fromkeys(Check, 0))
    repeated: int = 0
    unreadable: int = 0
    waiting_bytes: int = 0

    def logged(self, checks: Iterable[Check]) -> None:
        for check in checks:
            self.by_check[check] += 1

    def collect(self) -> Iterable[Metric]:
        logged = CounterMetricFamily(
            "raak_decisions_logged",
            "Decisions written to the decision log, by what came out when they were made again",
            labels=["check"],
        )
        for check, count in self.by_check.items():
            logged.add_metric([check.value], count)
        yield logged
        yield CounterMetricFamily(
            "raak_decisions_repeated", "Decisions that the log had already", value=self.repeated
        )
        yield CounterMetricFamily(
            "raak_decisions_unreadable", "What was no decision on the stream", value=self.unreadable
        )
        yield GaugeMetricFamily(
            "raak_decisions_waiting_bytes",
            "Bytes of decisions that wait for the log",
            value=float(self.waiting_bytes),
        )
