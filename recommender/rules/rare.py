"""Conditions that only look at what few people have: to everybody else the answer is the same.

Open cases, broken promises, applications and opinions are rare, and policies ask everybody about
them. Of somebody without any, such a condition says what it says of nobody in particular.
"""

from __future__ import annotations

from typing import Final

from recommender.rules.conditions import (
    All,
    AnyOf,
    BrokenPromise,
    Condition,
    Dissatisfied,
    Not,
    OpenCase,
    Unfinished,
)

RARE: Final = (OpenCase, BrokenPromise, Dissatisfied, Unfinished)
"""What people are asked about who are not `Facts.plain`."""


def is_rare(condition: Condition) -> bool:
    """Whether it looks at nothing else."""
    if isinstance(condition, All | AnyOf):
        return all(map(is_rare, condition.parts))
    if isinstance(condition, Not):
        return is_rare(condition.part)
    return isinstance(condition, RARE)


def discontent(condition: Condition) -> int:
    """The score below which it takes somebody to be dissatisfied, 0 where it does not ask."""
    if isinstance(condition, All | AnyOf):
        return max(map(discontent, condition.parts), default=0)
    if isinstance(condition, Not):
        return discontent(condition.part)
    return condition.score if isinstance(condition, Dissatisfied) else 0
