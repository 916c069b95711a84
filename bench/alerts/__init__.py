"""What recurs and what the balance will be, measured on real and on known truth."""

from __future__ import annotations

from collections.abc import Iterable

from bench.alerts import balance, demo_series, orders, shortfalls
from bench.figures import Figure


def measure() -> Iterable[Figure]:
    """Berka's standing orders and balances, then the demo bank's series and shortfalls."""
    for part in (orders, balance, demo_series, shortfalls):
        yield from part.measure()
