"""Conditions that look at what few people have: to everybody else the answer is the same.

Open cases, broken promises, applications and opinions are rare, and policies ask everybody about
them. Of somebody without any, such a condition says what it says of nobody in particular.
"""

from __future__ import annotations

from typing import Final

from recommender.rules.conditions import (
    BrokenPromise,
    Condition,
    Dissatisfied,
    OpenCase,
    Unfinished,
)
from recommender.rules.facts import Facts

RARE: Final = (OpenCase, BrokenPromise, Dissatisfied, Unfinished)
"""What people are asked about who are not `Facts.plain`."""

NOBODY: Final = Facts()


def discontent(leaf: Condition) -> int:
    """The score below which it takes somebody to be dissatisfied, 0 where it does not ask."""
    return leaf.score if isinstance(leaf, Dissatisfied) else 0
