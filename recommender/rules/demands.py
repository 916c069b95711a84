"""What a condition demands of the facts: the same condition as regions that facts must lie in.

Kleene's three values come out as two questions: may the answer be True or not, and may the fact be
missing. So a demand can be that a condition is True, or just as well that it is not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatch

from recommender.account import Value
from recommender.rules.conditions import (
    JOURNEY_STAGES,
    All,
    AnyOf,
    BrokenPromise,
    Compare,
    Condition,
    DaysSince,
    Dissatisfied,
    Happening,
    HeldBefore,
    Holds,
    InterestAtLeast,
    Journey,
    Not,
    OpenCase,
    Operator,
    ProjectedBalance,
    ProjectedShortfall,
    Unfinished,
)
from recommender.rules.names import MOST_YEARS, NUMBERS
from recommender.rules.regions import Among, Between, Number, Subject

Universe = Mapping[str, tuple[Value, ...]]
"""The values of each attribute that has finitely many."""

MOST_SCORE = 100
"""Nobody is more satisfied."""


@dataclass(frozen=True, slots=True)
class Need:
    subject: Subject
    region: Among | Between


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple[Demand, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of `parts`; of none, when there are none."""

    parts: tuple[Demand, ...]


Demand = Need | Every | Some


@dataclass(frozen=True, slots=True)
class Wish:
    """That a condition is True (`true`) or False, or else unknown where that is `or_unknown`."""

    true: bool = True
    or_unknown: bool = False

    @property
    def opposite(self) -> Wish:
        return Wish(not self.true, self.or_unknown)


TRUE = Wish()
NOT_TRUE = Wish(true=False, or_unknown=True)


@singledispatch
def demand(condition: Condition, _wish: Wish, _universe: Universe) -> Demand:
    """The facts for which the condition answers as wished."""
    raise TypeError(f"no such condition: {condition!r}")


@demand.register
def _all(condition: All, wish: Wish, universe: Universe) -> Demand:
    parts = tuple(demand(part, wish, universe) for part in condition.parts)
    return Every(parts) if wish.true else Some(parts)


@demand.register
def _any(condition: AnyOf, wish: Wish, universe: Universe) -> Demand:
    parts = tuple(demand(part, wish, universe) for part in condition.parts)
    return Some(parts) if wish.true else Every(parts)


@demand.register
def _not(condition: Not, wish: Wish, universe: Universe) -> Demand:
    return demand(condition.part, wish.opposite, universe)


@demand.register
def _compare(condition: Compare, wish: Wish, universe: Universe) -> Demand:
    name, operator, operands = condition.name, condition.operator, condition.operands
    subject, known = Subject("value", name), universe.get(name)
    inside = wish.true is not (operator is Operator.NOT_IN)
    if known is not None:
        every = frozenset(known)
        named = every & frozenset(operands)
        return Need(subject, Among(named if inside else every - named, wish.or_unknown))
    low, high = (0, MOST_YEARS + 1) if name in NUMBERS else (-math.inf, math.inf)
    whole = Between(low, high, wish.or_unknown)
    if operator in {Operator.IS, Operator.IN, Operator.NOT_IN}:
        numbers = [value for value in operands if isinstance(value, int | float)]
        if not inside:
            return Need(subject, Between(low, high, wish.or_unknown, frozenset(numbers)))
        return Some(
            tuple(_within(subject, whole, Operator.IS, (one,), inside=True) for one in numbers)
        )
    return _within(subject, whole, operator, operands, inside=inside)


def _within(
    subject: Subject,
    whole: Between,
    operator: Operator,
    operands: tuple[Value, ...],
    *,
    inside: bool,
) -> Demand:
    """That a number of `whole` is inside what the operator allows, or outside it."""
    first, last = _bounds(operator, operands)
    if inside:
        return Need(subject, whole.meet(Between(first, last, absent=True)))
    parts = (Between(-math.inf, first, absent=True), Between(last, math.inf, absent=True))
    outside = [Need(subject, whole.meet(part)) for part in parts if part.low < part.high]
    return outside[0] if len(outside) == 1 else Some(tuple(outside))


def _bounds(operator: Operator, operands: tuple[Value, ...]) -> tuple[Number, Number]:
    """The whole numbers that an operator allows: from the first to below the second."""
    numbers: list[Number] = [value for value in operands if isinstance(value, int | float)]
    if operator is Operator.AT_LEAST:
        return math.ceil(numbers[0]), math.inf
    if operator is Operator.BELOW:
        return -math.inf, math.ceil(numbers[0])
    return math.ceil(numbers[0]), math.floor(numbers[-1]) + 1


def _yes_no(kind: str, name: str, wish: Wish) -> Need:
    """A fact that is never missing."""
    return Need(Subject(kind, name), Among(frozenset({wish.true})))


@demand.register
def _holds(condition: Holds, wish: Wish, _universe: Universe) -> Demand:
    parts = tuple(_yes_no("holds", product, wish) for product in condition.products)
    return Some(parts) if wish.true else Every(parts)


@demand.register
def _held_before(condition: HeldBefore, wish: Wish, _universe: Universe) -> Demand:
    parts = [_yes_no("held_before", product, wish) for product in condition.products]
    if not wish.true:
        return Every(tuple(parts))
    no_longer = [_yes_no("holds", product, wish.opposite) for product in condition.products]
    return Some(tuple(Every(both) for both in zip(parts, no_longer, strict=True)))


@demand.register
def _interest(condition: InterestAtLeast, wish: Wish, _universe: Universe) -> Demand:
    low, high = (condition.bound, math.inf) if wish.true else (0, condition.bound)
    kind = "interest" if condition.is_domain else "views"
    return Need(Subject(kind, condition.subject), Between(low, high, whole=False))


@demand.register
def _open_case(condition: OpenCase, wish: Wish, _universe: Universe) -> Demand:
    return _yes_no("open_case", condition.kind, wish)


@demand.register
def _shortfall(condition: ProjectedShortfall, wish: Wish, _universe: Universe) -> Demand:
    short = condition.expected is wish.true
    or_unknown = not wish.true if condition.seen else wish.or_unknown
    need = Need(Subject("projected_shortfall"), Among(frozenset({short}), or_unknown))
    if not short or or_unknown:
        return need
    return Every((need, Need(Subject("projected_balance"), Between(-math.inf, 0))))


@demand.register
def _balance(condition: ProjectedBalance, wish: Wish, _universe: Universe) -> Demand:
    whole = Between(-math.inf, math.inf, wish.or_unknown)
    subject = Subject("projected_balance")
    return _within(subject, whole, condition.operator, (condition.bound,), inside=wish.true)


@demand.register
def _journey(condition: Journey, wish: Wish, _universe: Universe) -> Demand:
    wanted = frozenset(condition.stages)
    stages = wanted if wish.true else frozenset(JOURNEY_STAGES) - wanted
    return Need(Subject("journey", condition.domain), Among(frozenset(stages), wish.or_unknown))


@demand.register
def _days_since(condition: DaysSince, wish: Wish, _universe: Universe) -> Demand:
    """What never happened is False; only when somebody joined can be unknown."""
    unknown = condition.happening is Happening.JOINED
    missing = wish.or_unknown if unknown else not wish.true
    subject = Subject("days_since", condition.happening.value, condition.subject)
    whole = Between(0, math.inf, missing)
    return _within(subject, whole, condition.operator, condition.days, inside=wish.true)


@demand.register
def _unfinished(condition: Unfinished, wish: Wish, _universe: Universe) -> Demand:
    parts = tuple(_yes_no("unfinished", product, wish) for product in condition.products)
    return Some(parts) if wish.true else Every(parts)


@demand.register
def _broken_promise(condition: BrokenPromise, wish: Wish, _universe: Universe) -> Demand:
    """Only what is still open can be late."""
    parts = [_yes_no("broken_promise", kind, wish) for kind in condition.kinds]
    if not wish.true:
        return Every(tuple(parts))
    still = [_yes_no("open_case", kind, wish) for kind in condition.kinds]
    return Some(tuple(Every(both) for both in zip(parts, still, strict=True)))


@demand.register
def _dissatisfied(condition: Dissatisfied, wish: Wish, _universe: Universe) -> Demand:
    """Who never said is not dissatisfied, so a score may be missing where that is wished."""
    score, days = Subject("opinion_score"), Subject("opinion_days")
    if wish.true:
        low, lately = Between(0, condition.score), Between(0, condition.days + 1)
        return Every((Need(score, low), Need(days, lately)))
    high = Between(condition.score, MOST_SCORE + 1, absent=True)
    return Some((Need(score, high), Need(days, Between(condition.days + 1, math.inf))))
