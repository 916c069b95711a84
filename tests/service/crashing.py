"""A process that ends in the middle of writing files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


class Crash(Exception):
    """Stands for the moment at which the process ends."""


def crash_after(survive: int) -> Callable[[Path], None]:
    """A `to_disk` with which so many files or folders get to disk before the process ends."""
    steps = 0

    def to_disk(path: Path) -> None:
        nonlocal steps
        steps += 1
        if steps > survive:
            if path.is_file():  # what was not on disk may be cut off
                path.write_bytes(path.read_bytes()[:10])
            raise Crash

    return to_disk
