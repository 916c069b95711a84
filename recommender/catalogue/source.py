"""YAML with its line numbers, so that a mistake can be pointed at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from recommender.rules.names import Mistake

Path = tuple[str | int, ...]

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Plain values only; libyaml's, ten times as fast, where PyYAML was built with it."""


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
    """Parse YAML, safely: plain values only; a key given twice or an alias is a mistake.

    Aliases are refused because a few of them can stand for a billion values, or for themselves.
    """
    try:
        aliases = [
            event.start_mark.line + 1
            for event in yaml.parse(text, Loader=Loader)
            if isinstance(event, yaml.AliasEvent) and event.start_mark
        ]
        if aliases:
            return _unreadable(name, aliases[0], "aliases (*name) are not allowed")
        node = yaml.compose(text, Loader=Loader)
        values = yaml.load(text, Loader=Loader)  # noqa: S506  # a safe one, see above
    except yaml.YAMLError as error:
        mark: Any = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).replace("\n", " ")
        return _unreadable(name, mark.line + 1 if mark else 1, f"not YAML: {problem}")
    except (ValueError, RecursionError) as error:  # a day such as 2026-13-45; nesting without end
        return _unreadable(name, 1, f"not YAML: {error}")
    lines: dict[Path, int] = {}
    mistakes: list[Mistake] = []
    _walk(node, (), lines, mistakes)
    if values is None:
        mistakes.append(Mistake((), "the catalogue is empty"))
    elif not isinstance(values, dict):
        mistakes.append(Mistake((), "a catalogue is a mapping of keys to values"))
    return Source(name, values if isinstance(values, dict) else {}, lines, tuple(mistakes))


def _unreadable(name: str, line: int, message: str) -> Source:
    return Source(name, {}, {(): line}, (Mistake((), message),))


def _walk(node: Any, path: Path, lines: dict[Path, int], mistakes: list[Mistake]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            below = (*path, str(key.value))
            if below in lines:
                mistakes.append(
                    Mistake(below, "this key stands twice", f"first on line {lines[below]}")
                )
                continue
            lines[below] = key.start_mark.line + 1
            _walk(value, below, lines, mistakes)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[*path, index] = value.start_mark.line + 1
            _walk(value, (*path, index), lines, mistakes)
