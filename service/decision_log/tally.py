"""What the decision log counts, and how it is told to Prometheus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from service.decision_log.outbox import Outbox


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
