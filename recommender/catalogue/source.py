"""YAML with its line numbers, so that a mistake can be pointed at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from recommender.rules.names import Mistake

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Source:
    """A YAML file as plain values, the line of each node, and what is wrong with it as YAML."""

    name: str
    values: Any
    lines: dict[Path, int]
    mistakes: tuple[Mistake, ...]

    def line_of(self, path: Path) -> int:
        """The line of the node at `path`, or of the nearest node above it."""
        for length in range(len(path), -1, -1):
            line = self.lines.get(path[:length])
            if line is not None:
                return line
        return 1


def read_source(text: str, name: str) -> Source:
    """Parse YAML, safely: plain values only, and a key given twice is a mistake."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.load(text, Loader=yaml.SafeLoader)  # SafeLoader is the safe one
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error).replace("\n", " ")
        return Source(name, {}, {(): line}, (Mistake((), f"not YAML: {problem}"),))
    except (ValueError, RecursionError) as error:  # a date such as 2026-13-45; nesting without end
        return Source(name, {}, {(): 1}, (Mistake((), f"not YAML: {error}"),))
    lines: dict[Path, int] = {}
    mistakes: list[Mistake] = []
    _walk(root, (), lines, mistakes)
    if not isinstance(values, dict):
        mistakes.append(Mistake((), "a catalogue is a mapping of keys to values"))
        values = {}
    return Source(name, values, lines, tuple(mistakes))


def _walk(node: Any, path: Path, lines: dict[Path, int], mistakes: list[Mistake]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            below = (*path, str(key.value))
            if below in lines:
                mistakes.append(
                    Mistake(below, "this key stands twice", f"first on line {lines[below]}")
                )
            lines[below] = key.start_mark.line + 1
            _walk(value, below, lines, mistakes)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[*path, index] = value.start_mark.line + 1
            _walk(value, (*path, index), lines, mistakes)
