"""Misspelt keys, read as what they were meant to be, so that what stands below them is checked too.

Whoever mends `elegible:` should not then be told of three mistakes inside it that were there all
along. The slip itself stays a mistake; only the reading goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from recommender.catalogue.source import Path


@dataclass(frozen=True)
class Reading:
    """A file's values with the slips mended; `written` has each mended key as the file has it."""

    values: Mapping[str, Any]
    written: Mapping[Path, str] = field(default_factory=dict)

    def as_written(self, path: Path) -> Path:
        """Where in the file that is what stands at `path` in `values`."""
        return tuple(self.written.get(path[: at + 1], part) for at, part in enumerate(path))

    def mended(self, path: Path, meant: str) -> Reading:
        """With the key at `path` called `meant`; as it is where such a key stands already."""
        beside: Any = self.values
        try:
            for part in path[:-1]:
                beside = beside[part]
        except (KeyError, IndexError, TypeError):  # a key that is no text: its place is not it
            return self
        if not isinstance(beside, dict) or meant in beside:
            return self
        slip = path[-1]
        named = {meant if key == slip else key: item for key, item in beside.items()}
        values = _replaced(self.values, path[:-1], named)
        return Reading(values, {**self.written, (*path[:-1], meant): str(slip)})


def _replaced(node: Any, path: Path, value: Any) -> Any:
    """A copy of `node` with `value` at `path`."""
    if not path:
        return value
    copy = node.copy()
    copy[path[0]] = _replaced(node[path[0]], path[1:], value)
    return copy
