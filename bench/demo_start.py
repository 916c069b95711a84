"""`raak demo --once` a second time: what was built is taken up again, the rest is done anew."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable

from bench.cost import cost_of
from bench.figures import Figure, at_most, measured

SECOND_RUN_BAR_S = 60


def measure() -> Iterable[Figure]:
    """Both runs end by themselves, after the README's questions were answered right."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = (cost_of("demo", "--once", "--port", 0, "--data", folder) for _ in range(2))
    yield measured("demo_start.first_run_s", first.seconds, "s")
    yield at_most("demo_start.second_run_s", second.seconds, "s", SECOND_RUN_BAR_S)
