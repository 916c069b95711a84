"""Exploration: now and then another offer than the best, so that there is something to learn from.

Each slot is a Gumbel-max draw over the offers that fit it. An offer's log-weight is how far its
score lies below the best one's, divided by the temperature of its product type, so the draw is a
softmax and the chance of what it chose is exact, given what stands in the slots above. What may
not be explored (no temperature, regulated credit, no score) has its place when it is the best that
fits, with certainty, and never by chance.

The noise is a hash, so it does not depend on when, where or in which order anybody asks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

from recommender.arbitration import Ranked, Room
from recommender.decision import Withheld


class Salt(NamedTuple):
    """What the noise hangs on: neither the channel nor the worker, so every channel agrees."""

    experiment: str
    account_id: str
    placement: str
    day: date


def explore_slots(
    ranked: Sequence[Ranked], slots: int, max_per_domain: int, salt: Salt
) -> tuple[list[tuple[Ranked, float]], list[Withheld]]:
    """Offers for the slots, each with the chance it had of that slot; and the rest, with why not.

    `ranked` is best first. As `fill_slots`, but for the draws.
    """
    left = list(ranked)
    chosen: list[tuple[Ranked, float]] = []
    room = Room(max_per_domain)
    while len(chosen) < slots:
        fitting = [item for item in left if room.objection(item.candidate) is None]
        if not fitting:
            break
        chances = slot_chances(fitting)
        place = _drawn(fitting, chances, salt, len(chosen))
        drawn = fitting[place]
        chosen.append((drawn, chances[place]))
        room.take(drawn.candidate)
        left.remove(drawn)
    return chosen, room.crowded_out(left)


def slot_chances(fitting: Sequence[Ranked]) -> list[float]:
    """The chance of each to get the slot; `fitting` is best first and not empty. They sum to 1."""
    best = fitting[0]
    if not best.explorable:
        return [1.0] + [0.0] * (len(fitting) - 1)
    weights = [
        math.exp(math.log(item.score / best.score) / item.candidate.temperature)
        if item.explorable
        else 0.0
        for item in fitting
    ]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def _drawn(fitting: Sequence[Ranked], chances: Sequence[float], salt: Salt, slot: int) -> int:
    """The place of the offer whose log-chance and noise sum to the most."""
    if chances[0] == 1.0:
        return 0
    return max(
        (place for place, chance in enumerate(chances) if chance > 0),
        key=lambda place: (
            math.log(chances[place]) + _gumbel(salt, slot, fitting[place].candidate.action_id)
        ),
    )


def _gumbel(salt: Salt, slot: int, action_id: str) -> float:
    """A standard Gumbel variate that its cause alone decides."""
    cause = "/".join((*map(str, salt), str(slot), action_id))
    number = int.from_bytes(blake2b(cause.encode(), digest_size=8).digest())
    uniform = (number + 0.5) / 2**64  # never 0; 1 only by rounding, which the minimum prevents
    return -math.log(-math.log(min(uniform, 1 - 2**-53)))
