"""What a worker's senders did, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector


@dataclass(eq=False)
class WebhookTally(Collector):
    """Since the start of this worker."""

    sent: int = 0
    failed: int = 0
    withdrawn: int = 0
    dead: int = 0

    def collect(self) -> Iterable[Metric]:
        family = CounterMetricFamily(
            "raak_webhooks", "Calls of webhooks, by what became of them", labels=["outcome"]
        )
        for outcome in ("sent", "failed", "withdrawn", "dead"):
            family.add_metric([outcome], getattr(self, outcome))
        yield family
