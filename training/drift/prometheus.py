"""The readings for Prometheus, as a file that node_exporter's textfile collector reads."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from training.drift.watch import Watch

NAMES = {
    "input_psi": ("raak_input_psi", "Drift of a feature: population stability index"),
    "score_psi": ("raak_score_psi", "Drift of the scores: population stability index"),
    "fresh_calibration_error": (
        "raak_fresh_calibration_error",
        "Calibration error beyond chance on takings since the model learnt",
    ),
    "fresh_ndcg_at_5": ("raak_fresh_ndcg_at_5", "nDCG@5 on takings since the model learnt"),
    "fresh_coverage_at_3": ("raak_fresh_coverage_at_3", "Share of products in a first three"),
    "event_wait_seconds": (
        "raak_event_wait_seconds",
        "How long the oldest event that is in no state yet has waited",
    ),
    "fallback_share": ("raak_fallback_share", "Share of slots that hold a fallback"),
}


def exposition(watched: Watch, at: float) -> bytes:
    """The text of the metrics; `at` is in seconds since 1970."""
    registry = CollectorRegistry()
    gauges: dict[str, Gauge] = {}
    for reading in watched.readings:
        labels = ["model", "feature"] if reading.of else ["model"]
        if reading.name not in gauges:
            gauges[reading.name] = Gauge(*NAMES[reading.name], labels, registry=registry)
        values = [watched.model, *([reading.of] if reading.of else [])]
        gauges[reading.name].labels(*values).set(reading.value)
    for name, text, value in (
        ("raak_watch_rows", "Takings since the model learnt", watched.rows),
        ("raak_watch_warnings", "Readings beyond their level", len(watched.warnings)),
        ("raak_watch_time_seconds", "When the watch looked", at),
    ):
        Gauge(name, text, ["model"], registry=registry).labels(watched.model).set(value)
    return generate_latest(registry)
