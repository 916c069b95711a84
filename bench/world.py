"""`raak world` at full size: how long it takes and how much memory its process has at most."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable

from bench.cost import cost_of
from bench.figures import Figure, at_most

ACCOUNTS = 20_000
MONTHS = 12
SECONDS_BAR = 20
PEAK_BAR_MB = 1000


def measure() -> Iterable[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        cost = cost_of("world", folder, "--accounts", ACCOUNTS, "--months", MONTHS)
    yield at_most("world.seconds", cost.seconds, "s", SECONDS_BAR)
    yield at_most("world.peak_mb", cost.peak_mb, "MB", PEAK_BAR_MB)
