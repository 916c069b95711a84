"""A step is done once for the same inputs, and again when they change or it did not finish."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path


def digest(files: Iterable[Path], *values: object) -> str:
    """One SHA-256 over the values and the files' names and contents."""
    total = hashlib.sha256(json.dumps([str(value) for value in values]).encode())
    for file in sorted(files):
        total.update(file.name.encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def sources(*packages: Path) -> list[Path]:
    """The code that made a step's result: another version of it may make another result."""
    return [file for package in packages for file in package.rglob("*.py")]


def once(stamp: Path, inputs: str, make: Callable[[], None]) -> bool:
    """Run `make` unless it finished on equal `inputs` before; True when it ran."""
    if stamp.is_file() and stamp.read_text() == inputs:
        return False
    stamp.unlink(missing_ok=True)
    make()
    stamp.write_text(inputs)  # last: an interrupted step leaves no stamp
    return True
