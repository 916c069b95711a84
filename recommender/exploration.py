"""Exploration: now and then another offer than the best, so that there is something to learn from.

What may not be explored (no temperature, regulated credit, no score) keeps the slot it would have
without exploration, and never gets or loses one by chance. The other slots go to the winners of a
race: Gumbel top-k. An offer's log-weight is how far its score lies below the person's best one,
divided by the temperature of its product type; its noise is drawn once. So each slot is a softmax
over the offers that fit it, and the chance of what it got is exact, given what stands above.

The noise is a hash, and neither it nor a weight depends on what else could be shown: so offers keep
their order in every channel that carries them, whenever and wherever anybody asks.

Source: Kool, van Hoof and Welling, 2019 (Gumbel top-k is sampling without replacement).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

from recommender.arbitration import Ranked, Room, Stake, fill_slots
from recommender.decision import Withheld
from recommender.funnel import Candidate


class Salt(NamedTuple):
    """What the noise hangs on: neither the channel nor the worker, so every channel agrees."""

    experiment: str
    account_id: str
    placement: str
    day: date


def explore_slots(
    ranked: Sequence[Ranked], slots: int, max_per_domain: int, best_score: float, salt: Salt
) -> tuple[list[tuple[Ranked, float]], list[Withheld]]:
    """Offers for the slots, each with the chance it had of that slot; and the rest, with why not.

    `ranked` is best first; `best_score` as `best_explorable` has it.
    """
    settled, _ = fill_slots(ranked, slots, max_per_domain)
    kept = {place: item for place, item in enumerate(settled) if not item.explorable}
    room = Room(max_per_domain)
    for item in kept.values():
        room.take(item.candidate)
    left = [item for item in ranked if item.explorable]
    chosen: list[tuple[Ranked, float]] = []
    for place in range(slots):
        if place in kept:
            chosen.append((kept[place], 1.0))
            continue
        fitting = [item for item in left if room.objection(item.candidate) is None]
        if not fitting:
            continue
        chances = slot_chances(fitting, best_score)
        drawn, chance = _winner(fitting, chances, salt)
        chosen.append((drawn, chance))
        room.take(drawn.candidate)
        left.remove(drawn)
    given = [item for item, _ in chosen]
    return chosen, room.crowded_out(item for item in ranked if item not in given)


def slot_chances(fitting: Sequence[Ranked], best_score: float) -> list[float]:
    """The chance of each to get the slot; they sum to 1. All of them are explorable."""
    logs = [math.log(item.score / best_score) / item.candidate.temperature for item in fitting]
    top = max(logs)
    weights = [math.exp(log - top) for log in logs]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def best_explorable(
    candidates: Iterable[Candidate], propensities: Sequence[float], at_stake: Mapping[str, Stake]
) -> float:
    """The best score of all that may be explored, whether or not this channel carries it or a
    rule allows it: what the person could be shown here must not change it.
    """
    scores = [
        propensities[stake.column] * stake.worth
        for candidate in candidates
        if candidate.temperature > 0 and (stake := at_stake[candidate.action_id]).column is not None
    ]
    return max(scores, default=0.0)


def _winner(
    fitting: Sequence[Ranked], chances: Sequence[float], salt: Salt
) -> tuple[Ranked, float]:
    """Whose log-chance and noise sum to the most, and its chance."""
    running = [(item, chance) for item, chance in zip(fitting, chances, strict=True) if chance > 0]
    return max(
        running,
        key=lambda one: math.log(one[1]) + _gumbel(salt, one[0].candidate.action_id),
    )


def _gumbel(salt: Salt, action_id: str) -> float:
    """A standard Gumbel variate that its cause alone decides."""
    cause = "/".join((*map(str, salt), action_id))
    number = int.from_bytes(blake2b(cause.encode(), digest_size=8).digest())
    uniform = (number + 0.5) / 2**64  # never 0; 1 only by rounding, which the minimum prevents
    return -math.log(-math.log(min(uniform, 1 - 2**-53)))
