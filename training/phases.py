"""What a training spends its time on, phase by phase."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Phases:
    """Seconds by the name of the phase, in the order they began; `began` is told of each."""

    def __init__(self, began: Callable[[str], None] | None = None) -> None:
        self._began = began or (lambda name: None)  # noqa: ARG005 - nobody is told
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time what happens inside; a name that comes twice adds up."""
        self._began(name)
        started = time.perf_counter()
        try:
            yield
        finally:
            taken = time.perf_counter() - started
            self.seconds[name] = self.seconds.get(name, 0.0) + taken


def peak_mb() -> float:
    """The most memory this process has had so far, in megabytes (10^6 bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
