"""The serving benchmark: `make bench ONLY=serving`."""

from bench.serving.measure import measure

__all__ = ["measure"]
