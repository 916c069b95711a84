"""Exploration on top of `decide`: which of its offers are shown, with what probability.

A thin layer for the closed loop. `decide` is asked for all offers that fit a placement together;
the placement's slots are filled by drawing among these, the likelier the higher they score. What
`decide` withheld stays withheld, and every part of what it shows keeps its rules about slots.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import msgspec

from recommender.account import Account
from recommender.decide import decide
from recommender.decision import Decision, Shown
from recommender.live import Live
from recommender.request import MAX_LIMIT, Request

SALT = "closed-loop"


def explore(account: Account, request: Request, live: Live, *, temperature: float) -> Decision:
    """As `decide`, but offers are drawn in proportion to score ** (1 / temperature).

    Each carries the exact probability with which it was drawn for its slot, given those above it.
    Draws come from a hash of (salt, account, placement, day): equal questions, equal answers.
    """
    decision = decide(account, msgspec.structs.replace(request, limit=MAX_LIMIT), live)
    slots = live.catalogue.placements[request.placement].slots
    offers = [one for one in decision.shown if one.product_id is not None]
    care = [one for one in decision.shown if one.rank < min((o.rank for o in offers), default=99)]
    cause = f"{SALT}/{account.account_id}/{request.placement}/{request.at.date()}"
    drawn = _draw(offers, slots - len(care), temperature, _uniforms(cause, slots))
    ranked = enumerate([*care[:slots], *drawn], start=1)
    shown = tuple([msgspec.structs.replace(one, rank=rank) for rank, one in ranked])
    return msgspec.structs.replace(decision, shown=shown)


def _draw(
    offers: Sequence[Shown], slots: int, temperature: float, uniforms: Iterable[float]
) -> list[Shown]:
    """Up to `slots` offers without replacement, each with its probability."""
    left = list(offers)
    weights = [_score(offer) ** (1 / temperature) for offer in left]
    drawn: list[Shown] = []
    for _, uniform in zip(range(min(slots, len(left))), uniforms, strict=False):
        total = sum(weights)
        place = _place(weights, uniform * total)
        chance = weights[place] / total
        drawn.append(msgspec.structs.replace(left.pop(place), probability=chance))
        weights.pop(place)
    return drawn


def _score(offer: Shown) -> float:
    """Never 0: what cannot be drawn teaches nothing."""
    return max(offer.arbitration.score, 1e-6) if offer.arbitration is not None else 1e-6


def _place(weights: Sequence[float], mark: float) -> int:
    """Whose share of the sum of `weights` the mark lies in."""
    reached = 0.0
    for place, weight in enumerate(weights):
        reached += weight
        if mark < reached:
            return place
    return len(weights) - 1


def _uniforms(cause: str, count: int) -> list[float]:
    """`count` numbers in [0, 1) that the cause alone decides."""
    digest = hashlib.blake2b(cause.encode(), digest_size=8 * min(count, 8)).digest()
    steps = range(0, len(digest), 8)
    return [int.from_bytes(digest[start : start + 8]) / 2**64 for start in steps]
