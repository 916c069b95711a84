"""The last good bundle on disk, so that a restart while Redis is away still serves."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

NAME = "bundle"


class LiveCopy:
    """One file in `directory`: the version on its first line, then the bundle's bytes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._file = directory / NAME

    def write(self, version: str, content: bytes) -> None:
        """Replace the copy at once; workers that write together leave one whole copy."""
        self._directory.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(prefix=f"{NAME}-", dir=self._directory)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(version.encode() + b"\n" + content)
            Path(fresh).replace(self._file)
        except OSError:
            Path(fresh).unlink(missing_ok=True)
            raise

    def read(self) -> tuple[str, bytes] | None:
        """Version and bytes, unverified: whoever reads a bundle verifies it."""
        try:
            kept = self._file.read_bytes()
        except FileNotFoundError:
            return None
        version, _, content = kept.partition(b"\n")
        return version.decode("ascii", errors="replace"), content
