"""What is best for the person and the company: propensity x value x context x lever, then slots."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import NamedTuple

import msgspec

from recommender.account import Preferences, Wish
from recommender.catalogue import Wishes
from recommender.decision import Arbitration, Withheld
from recommender.funnel import DOMAIN_CAP, FULL, NEAR_IDENTICAL, Candidate


class Stake(NamedTuple):
    """An action in one placement: its column in the model, and value x context x lever.

    Guidance has the `columns` of all products of its domain: its chance is that one of them is the
    person's next step.
    """

    column: int | None
    context: float
    worth: float
    columns: tuple[int, ...] = ()


class Ranked(msgspec.Struct, frozen=True, gc=False):
    """A candidate with its score; `propensity` is None for a product too new for the model."""

    score: float
    candidate: Candidate
    propensity: float | None
    context: float

    @property
    def explorable(self) -> bool:
        """Whether chance may give it a slot, or take one from it."""
        return self.candidate.temperature > 0 and self.propensity is not None and self.score > 0

    def arbitration(self) -> Arbitration | None:
        """How the score came about; None where there is none."""
        chance, candidate = self.propensity, self.candidate
        if chance is None:
            return None
        return Arbitration(chance, candidate.value, self.context, candidate.lever, self.score)


def stakes(
    candidates: Iterable[Candidate], columns: Mapping[str, int], context: Mapping[str, float]
) -> dict[str, Stake]:
    """By action id, what the arbitration needs that depends on no account."""
    known = list(candidates)
    of_domain: dict[str, list[int]] = {}
    for candidate in known:
        column = columns.get(candidate.product_id or "")
        if column is not None:
            of_domain.setdefault(candidate.domain, []).append(column)

    def stake(candidate: Candidate) -> Stake:
        weight = context.get(candidate.domain, 1.0)
        worth = candidate.value * weight * candidate.lever
        if candidate.product_id is None:
            return Stake(None, weight, worth, tuple(of_domain.get(candidate.domain, ())))
        return Stake(columns.get(candidate.product_id), weight, worth)

    return {candidate.action_id: stake(candidate) for candidate in known}


def wished(
    at_stake: Mapping[str, Stake],
    candidates: Iterable[Candidate],
    preferences: Preferences,
    wishes: Wishes,
) -> dict[str, Stake]:
    """The stakes of someone who asked for more or less of something: a matter of context."""
    weight = {Wish.MORE: wishes.more, Wish.LESS: wishes.less}
    changed = {}
    for candidate in candidates:
        stake = at_stake[candidate.action_id]
        asked = (
            preferences.domains.get(candidate.domain),
            preferences.types.get(candidate.type),
            preferences.products.get(candidate.subject),
        )
        factor = math.prod(weight[wish] for wish in asked if wish in weight)
        changed[candidate.action_id] = stake._replace(
            context=stake.context * factor, worth=stake.worth * factor
        )
    return changed


def arbitrate(
    candidates: Iterable[Candidate],
    propensities: Sequence[float],
    at_stake: Mapping[str, Stake],
    tie_salt: tuple[str, str, date],
) -> list[Ranked]:
    """Candidates by score, best first; those the model does not know come last, by value.

    Ties are broken by a hash of the salt (account, placement, day) and the action, so the order
    never depends on the worker, the machine or the order of the catalogue.
    """
    scored: list[Ranked] = []
    unscored: list[Ranked] = []
    for candidate in candidates:
        column, weight, worth, columns = at_stake[candidate.action_id]
        if column is not None:
            chance = propensities[column]
        elif columns:
            chance = min(1.0, math.fsum([propensities[one] for one in columns]))
        else:
            unscored.append(Ranked(worth, candidate, None, weight))
            continue
        scored.append(Ranked(chance * worth, candidate, chance, weight))
    ranked = _best_first(scored, tie_salt)
    return ranked + _best_first(unscored, tie_salt) if unscored else ranked


_SCORE = attrgetter("score")


def _best_first(ranked: list[Ranked], tie_salt: tuple[str, str, date]) -> list[Ranked]:
    if len(set(map(_SCORE, ranked))) == len(ranked):
        ranked.sort(key=_SCORE, reverse=True)
    else:
        ranked.sort(key=lambda item: (-item.score, _tie(tie_salt, item.candidate.action_id)))
    return ranked


def _tie(salt: tuple[str, str, date], action_id: str) -> bytes:
    account_id, placement, day = salt
    cause = f"{account_id}/{placement}/{day}/{action_id}"
    return hashlib.blake2b(cause.encode(), digest_size=8).digest()


class Room:
    """What a placement still has room for: no two near-identical offers (same domain and type),
    and no life domain takes it over.
    """

    __slots__ = ("_alike", "_domains", "_max_per_domain")

    def __init__(self, max_per_domain: int) -> None:
        self._max_per_domain = max_per_domain
        self._domains: dict[str, int] = {}
        self._alike: set[tuple[str, str]] = set()

    def objection(self, candidate: Candidate) -> str | None:
        """The rule that keeps it out, whatever slots are left."""
        domain = candidate.domain
        if (domain, candidate.type) in self._alike:
            return NEAR_IDENTICAL
        return DOMAIN_CAP if self._domains.get(domain, 0) >= self._max_per_domain else None

    def take(self, candidate: Candidate) -> None:
        domain = candidate.domain
        self._alike.add((domain, candidate.type))
        self._domains[domain] = self._domains.get(domain, 0) + 1

    def crowded_out(self, left: Iterable[Ranked]) -> list[Withheld]:
        """Why each is not shown, once every slot is given away. Guidance leaves no trace."""
        reasons = [
            item.candidate.crowded_out.get(self.objection(item.candidate) or FULL) for item in left
        ]
        return [reason for reason in reasons if reason is not None]


def fill_slots(
    ranked: Sequence[Ranked], slots: int, max_per_domain: int
) -> tuple[list[Ranked], list[Withheld]]:
    """The best that fit, and the rest each with the rule that kept it out."""
    chosen: list[Ranked] = []
    left_out: list[Withheld] = []
    room = Room(max_per_domain)
    for place, item in enumerate(ranked):
        if len(chosen) == slots:
            left_out += [why for left in ranked[place:] if (why := left.candidate.if_full)]
            break
        candidate = item.candidate
        objection = room.objection(candidate)
        if objection is None:
            chosen.append(item)
            room.take(candidate)
        elif candidate.crowded_out:
            left_out.append(candidate.crowded_out[objection])
    return chosen, left_out
