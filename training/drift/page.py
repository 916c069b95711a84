"""The watch as a page: what warns first, then every reading against its level."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from training.drift.watch import Reading, Watch

FEATURES_SHOWN = 25
"""The features that moved most; all of them are among the metrics."""


def render(watched: Watch, looked_at: str) -> str:
    """The page as HTML text, with no reference to anything outside itself."""
    environment = Environment(
        loader=PackageLoader("training.drift", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    inputs = [reading for reading in watched.readings if reading.of]
    moved = sorted(inputs, key=lambda reading: -reading.value)
    return environment.get_template("watch.html.j2").render(
        watched=watched,
        looked_at=looked_at,
        overall=[reading for reading in watched.readings if not reading.of],
        inputs=moved[:FEATURES_SHOWN],
        left_out=max(len(moved) - FEATURES_SHOWN, 0),
        width=width,
    )


def width(reading: Reading) -> int:
    """A bar's length in percent: half at the level that warns, full at twice that.

    >>> width(Reading("input_psi", 0.25, 0.25, ""))
    50
    """
    return round(min(reading.value / (2 * reading.level), 1) * 100) if reading.level else 100
