"""Named rules: conditions that others rest on by name, `{rule: adult}`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from recommender.rules.conditions import Condition
from recommender.rules.forms import Path
from recommender.rules.names import Mistake, Names
from recommender.rules.parse import ConditionMistakes, parse_condition

RULE = "rule"
MOST_PARTS = 1_000
"""Leaves of one named rule, those it rests on counted each time. A few lines can name millions."""
MOST_STEPS = 30
"""And from a rule to one that rests on no other."""


@dataclass(frozen=True)
class Reference:
    """That a named rule rests on another one, and where it says so."""

    name: str
    path: Path


def references(raw: Any, path: Path = ()) -> Iterator[Reference]:
    """The named rules that a condition as it is written rests on."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            below = (*path, str(key))
            if key == RULE and isinstance(value, str):
                yield Reference(value, below)
            elif key in {"all", "any", "not"}:
                yield from references(value, below)
    elif isinstance(raw, list):
        for index, part in enumerate(raw):
            yield from references(part, (*path, index))


def cycles(conditions: Mapping[str, Any]) -> Iterator[Mistake]:
    """Circles of named rules, each told of the rule in it that is declared first.

    `conditions` has each rule's condition as it is written; paths start at the rule's name.
    """
    graph, places = _rests_on(conditions), {name: at for at, name in enumerate(conditions)}
    while around := _circle(graph):
        start = min(range(len(around)), key=lambda at: places[around[at]])
        way = [*around[start:], *around[: start + 1]]
        step = next(one for one in references(conditions[way[0]]) if one.name == way[1])
        message = f"a rule cannot rest on itself: {' -> '.join(way)}"
        yield Mistake((way[0], "when", *step.path), message, "take one of these steps out")
        graph.pop(way[0])  # and look for the others
        graph = {name: [on for on in ons if on in graph] for name, ons in graph.items()}


def _circle(graph: Mapping[str, list[str]]) -> list[str]:
    """The rules of one circle, each before the one that it rests on; none when there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as found:
        around: list[str] = found.args[1]
        return around[:0:-1]  # it leads from what is rested on to what rests on it
    return []


def _rests_on(conditions: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        name: [step.name for step in references(raw) if step.name in conditions]
        for name, raw in conditions.items()
    }


def _inside_out(conditions: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Each rule after those it rests on, and these; none that is in a circle or rests on one."""
    graph = _rests_on(conditions)
    order = TopologicalSorter(graph)
    with suppress(CycleError):  # what is outside of circles is given all the same
        order.prepare()
    while ready := order.get_ready():
        yield from ((name, graph[name]) for name in ready)
        order.done(*ready)


def oversized(conditions: Mapping[str, Any]) -> Iterator[Mistake]:
    """Named rules that say more, with all that they rest on, than anybody can read."""
    parts: dict[str, int] = {}
    steps: dict[str, int] = {}
    for name, on in _inside_out(conditions):
        leaves = _leaves(conditions[name]) + sum(parts[inner] for inner in on)
        parts[name] = min(leaves, MOST_PARTS + 1)
        steps[name] = 1 + max((steps[inner] for inner in on), default=0)
        if parts[name] > MOST_PARTS or steps[name] > MOST_STEPS:
            message = f"too much in one rule: {MOST_PARTS} conditions, {MOST_STEPS} steps at most"
            yield Mistake((name, "when"), message, "rest on fewer rules, or say it more simply")


def _leaves(raw: Any) -> int:
    if isinstance(raw, dict):
        parts = [value for key, value in raw.items() if key in {"all", "any", "not"}]
        return sum(map(_leaves, parts)) if parts else 1
    return sum(map(_leaves, raw)) if isinstance(raw, list) else 1


def resolve(
    conditions: Mapping[str, Any],
    names: Names,
    levels: Mapping[str, float],
    domain_of: Mapping[str, str],
) -> dict[str, Condition | None]:
    """Each named rule's condition, those it rests on put in; None for one that is wrong."""
    resolved: dict[str, Condition | None] = dict.fromkeys(conditions)
    too_large = {mistake.path[0] for mistake in oversized(conditions)}
    for name, _ in _inside_out(conditions):
        if name not in too_large:
            with suppress(ConditionMistakes):
                raw = conditions[name]
                resolved[name] = parse_condition(raw, names, levels, domain_of, resolved)
    return resolved
