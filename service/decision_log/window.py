"""The latest decisions by their ids: what comes again is known."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Self

from service.decision_log.parquet import decision_ids


class Window:
    """At most `size` ids; the oldest go first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._ids: dict[str, None] = {}

    @classmethod
    def of(cls, parts: Iterable[Path], size: int) -> Self:
        """Those of a log, `parts` being its files with the newest first."""
        window = cls(size)
        known: list[str] = []
        for part in parts:
            if len(known) >= size or not part.exists():
                break
            known += reversed(decision_ids(part))
        for decision_id in reversed(known):
            window.add(decision_id)
        return window

    def add(self, decision_id: str) -> bool:
        """Whether it is new."""
        if decision_id in self._ids:
            return False
        if len(self._ids) >= self._size:
            del self._ids[next(iter(self._ids))]
        self._ids[decision_id] = None
        return True
