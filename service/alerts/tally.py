"""What the streams of a process did, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from service.alerts.stream import Streams


@dataclass(frozen=True, eq=False)
class StreamFigures(Collector):
    streams: Streams

    def collect(self) -> Iterable[Metric]:
        tally = self.streams.tally
        yield GaugeMetricFamily(
            "raak_alert_viewers", "Streams of alerts open now", value=float(tally.open)
        )
        opened = CounterMetricFamily(
            "raak_alert_streams", "Streams of alerts that were asked for", labels=["outcome"]
        )
        for outcome in ("opened", "refused", "slow"):
            opened.add_metric([outcome], getattr(tally, outcome))
        yield opened
