"""YAML with its line numbers, so that a mistake can be pointed at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from recommender.rules.names import Mistake

Path = tuple[str | int, ...]

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Plain values only; libyaml's, ten times as fast, where PyYAML was built with it."""

DEEPEST = 50
"""Levels of nesting. People need a dozen; libyaml follows thousands and overflows its stack."""


MARK = re.compile(r"^(?=---(?:\s|$))", re.MULTILINE)
"""Where a YAML document may begin: nothing else starts a line with three dashes."""

CONTENT = re.compile(r"^[^\s#%]", re.MULTILINE)


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


def documents(text: str) -> tuple[str, ...]:
    """The YAML documents in `text`, each with its `---`; comments before the first belong to it."""
    first, *others = MARK.split(text)
    if others and not CONTENT.search(first):
        first += others.pop(0)
    return (first, *others)


def read_source(text: str, name: str, kind: str = "catalogue") -> Source:
    """Parse YAML, safely: plain values only; a key given twice or an alias is a mistake."""
    try:
        danger = _danger(text)
        if danger is not None:
            return _unreadable(name, *danger)
        loader = Loader(text)
        try:
            node = loader.get_single_node()
            lines: dict[Path, int] = {}
            mistakes: list[Mistake] = []
            _walk(node, (), lines, mistakes)
            values = None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark: Any = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).replace("\n", " ")
        last = len(text.splitlines())  # the end of the file is a line further on
        line = min(mark.line + 1, last) if mark else 1
        return _unreadable(name, line, f"not YAML: {problem}")
    except ValueError as error:  # a day such as 2026-13-45, a number of 5,000 digits
        return _unreadable(name, 1, f"not YAML: {error}")
    if values is None:
        mistakes.append(Mistake((), f"the {kind} is empty"))
    elif not isinstance(values, dict):
        mistakes.append(Mistake((), f"a {kind} is a mapping of keys to values"))
    return Source(name, values if isinstance(values, dict) else {}, lines, tuple(mistakes))


def _danger(text: str) -> tuple[int, str] | None:
    """The line and the name of what must not be built: an alias, or nesting without end.

    A few aliases can stand for a billion values, or for themselves.
    """
    depth = 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                return _line(event), f"nested more than {DEEPEST} levels deep"
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            return _line(event), "aliases (*name) are not allowed"
    return None


def _line(event: yaml.Event) -> int:
    mark: Any = event.start_mark
    return int(mark.line) + 1


def _unreadable(name: str, line: int, message: str) -> Source:
    return Source(name, {}, {(): line}, (Mistake((), message),))


def _walk(node: Any, path: Path, lines: dict[Path, int], mistakes: list[Mistake]) -> None:
    if isinstance(node, yaml.MappingNode):
        first: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            below = (*path, name)
            if name in first:
                mistakes.append(
                    Mistake(below, "this key stands twice", f"first on line {first[name]}")
                )
            first.setdefault(name, line)
            lines[below] = line  # the last one, as its value is the one that is read
            _walk(value, below, lines, mistakes)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[*path, index] = value.start_mark.line + 1
            _walk(value, (*path, index), lines, mistakes)
