"""How long what has ended must be remembered: as far back as any condition of a catalogue looks.

A rule `not: {held_before: loan}` passes whoever is not known to have had one: forgetting too early
lets people through. Longer than a rule needs it nobody's past is kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from recommender.rules.conditions import (
    All,
    AnyOf,
    Condition,
    DaysSince,
    Happening,
    HeldBefore,
    Not,
    Operator,
)

NOT_ASKED = -1.0


@dataclass(frozen=True, slots=True)
class Memory:
    """`days` that each happening to each subject is asked about, at most: infinite for ever."""

    days: Mapping[tuple[Happening, str], float]

    @classmethod
    def of(cls, declared: BaseModel) -> Memory:
        """What all conditions anywhere in `declared` need."""
        days: dict[tuple[Happening, str], float] = {}
        for happening, subject, back in _looks_back(declared):
            key = (happening, subject)
            days[key] = max(back, days.get(key, NOT_ASKED))
        return cls(days)

    def reach(self, happening: Happening, subject: str = "") -> float:
        """Days; below 0: nobody asks."""
        return self.days.get((happening, subject), NOT_ASKED)


def _looks_back(declared: Any) -> Iterator[tuple[Happening, str, float]]:
    for condition in _leaves(declared):
        if isinstance(condition, HeldBefore):
            for product in condition.products:
                yield Happening.CLOSED, product, math.inf
        elif isinstance(condition, DaysSince):
            for_ever = condition.operator is Operator.AT_LEAST
            back = math.inf if for_ever else condition.days[-1]
            yield condition.happening, condition.subject, back


def _leaves(declared: Any) -> Iterator[Condition]:
    """Every condition that has no parts, wherever it stands: no list of places to forget one in."""
    if isinstance(declared, Not):
        yield from _leaves(declared.part)
    elif isinstance(declared, All | AnyOf):
        yield from _leaves(declared.parts)
    elif isinstance(declared, Condition):
        yield declared
    elif isinstance(declared, BaseModel):
        for name in type(declared).model_fields:
            yield from _leaves(getattr(declared, name))
    elif isinstance(declared, Mapping):
        yield from _leaves(tuple(declared.values()))
    elif isinstance(declared, tuple):
        for one in declared:
            yield from _leaves(one)
