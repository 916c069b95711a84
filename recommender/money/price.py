"""What the next one costs, from what the last ones did."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from recommender.money.evidence import LEAST_EXECUTIONS

RECENT = 6
"""Executions that say what to expect, and that travel with the account."""

FIXED_SHARE = 0.5
"""A price is fixed when at least so many of the amounts equal the one before."""


@dataclass(frozen=True)
class Price:
    """`changed` (day number) and `previous`: the last change of it."""

    expected: int
    low: int
    high: int
    fixed: bool
    changed: int | None = None
    previous: int | None = None


def unlike(one_minor: int, other_minor: int) -> float:
    """0 for equal amounts, whatever their signs; the logarithm of their ratio, above 0."""
    return abs(math.log(max(abs(one_minor), 1) / max(abs(other_minor), 1)))


def price_of(booked: Sequence[int], amount: Sequence[int]) -> Price:
    """What the next one costs, from days and amounts (n,) by day."""
    # Where runs of equal amounts start.
    starts = [0, *(at for at in range(1, len(amount)) if amount[at] != amount[at - 1])]
    steps = len(amount) - 1
    if steps + 1 - len(starts) < FIXED_SHARE * steps:
        recent = sorted(amount[-2 * RECENT :])
        edge = len(recent) // 10
        middle = sorted(amount[-RECENT:])
        return Price(middle[len(middle) // 2], recent[edge], recent[-1 - edge], fixed=False)
    now = amount[-1]
    # One that is interrupted by a single other amount goes on.
    while len(starts) >= 3 and amount[starts[-3]] == now and starts[-1] - starts[-2] == 1:
        starts[-2:] = []
    if len(starts) == 1:
        return Price(now, now, now, fixed=True)
    before = amount[starts[-1] - 1]
    settled = len(amount) - starts[-1] >= LEAST_EXECUTIONS
    low, high = (now, now) if settled else (min(now, before), max(now, before))
    return Price(now, low, high, fixed=True, changed=booked[starts[-1]], previous=before)
