"""Decayed interest: browsing counts for less the longer ago it was.

level(at) = sum over events of weight * 2^(-(at - event.at) / half_life). The sum is order-free, so
events may be folded in as they come, late ones too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime

from recommender.account import Interest

DAY_S = 86_400.0


def level_at(interest: Interest, at: datetime, half_life_days: float) -> float:
    """The level at `at`, which may be before or after the instant it is stored for."""
    half_life_s = half_life_days * DAY_S
    return interest.level * math.exp2((interest.at - at).total_seconds() / half_life_s)


def levels_at(
    interests: Mapping[str, Interest], at: datetime, half_life_days: float
) -> dict[str, float]:
    """`level_at` of each: all of an account's, in every decision, so without a call for each.

    A publication stores them all for one instant, from which they fade alike.
    """
    half_life_s = half_life_days * DAY_S
    levels: dict[str, float] = {}
    since, left = at, 1.0
    for subject, interest in interests.items():
        if interest.at != since:
            since = interest.at
            left = math.exp2((since - at).total_seconds() / half_life_s)
        levels[subject] = interest.level * left
    return levels


def fold(interest: Interest | None, weight: float, at: datetime, half_life_days: float) -> Interest:
    """`interest` with one more event of `weight` at `at`, stored for the later of both instants."""
    if interest is None:
        return Interest(weight, at)
    if at >= interest.at:
        return Interest(level_at(interest, at, half_life_days) + weight, at)
    late = Interest(weight, at)
    return Interest(interest.level + level_at(late, interest.at, half_life_days), interest.at)
