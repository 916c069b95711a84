"""Conditions with every `not` pushed down to the leaves, where it can be said in words.

De Morgan's laws hold in Kleene's three values, so the normal form answers as the original does.
"""

from __future__ import annotations

from functools import singledispatch

from recommender.rules.conditions import (
    JOURNEY_STAGES,
    All,
    AnyOf,
    Compare,
    Condition,
    Journey,
    Not,
    Operator,
    ProjectedBalance,
    ProjectedShortfall,
)

OPPOSITE = {
    Operator.IS: Operator.NOT_IN,
    Operator.IN: Operator.NOT_IN,
    Operator.NOT_IN: Operator.IN,
    Operator.AT_LEAST: Operator.BELOW,
    Operator.BELOW: Operator.AT_LEAST,
}


def normal_form(condition: Condition) -> Condition:
    """The same condition with `not` at leaves only, and no combination of just one part."""
    if isinstance(condition, Not):
        return negation(condition.part)
    if isinstance(condition, All | AnyOf):
        kind = type(condition)
        return _combined(kind, tuple(normal_form(part) for part in condition.parts))
    return condition


@singledispatch
def negation(condition: Condition) -> Condition:
    """The normal form of `not: condition`; a leaf without an opposite stays inside a Not."""
    return Not(condition)


@negation.register
def _not(condition: Not) -> Condition:
    return normal_form(condition.part)


@negation.register
def _all(condition: All) -> Condition:
    return _combined(AnyOf, tuple(negation(part) for part in condition.parts))


@negation.register
def _any(condition: AnyOf) -> Condition:
    return _combined(All, tuple(negation(part) for part in condition.parts))


@negation.register
def _compare(condition: Compare) -> Condition:
    (first, *_) = condition.operands
    if condition.operator is Operator.IS and isinstance(first, bool):
        return Compare(condition.name, Operator.IS, (not first,))
    opposite = OPPOSITE.get(condition.operator)
    return (
        Not(condition)
        if opposite is None
        else Compare(condition.name, opposite, condition.operands)
    )


@negation.register
def _shortfall(condition: ProjectedShortfall) -> Condition:
    return Not(condition) if condition.seen else ProjectedShortfall(not condition.expected)


@negation.register
def _balance(condition: ProjectedBalance) -> Condition:
    return ProjectedBalance(OPPOSITE[condition.operator], condition.bound)


@negation.register
def _journey(condition: Journey) -> Condition:
    others = tuple(stage for stage in JOURNEY_STAGES if stage not in condition.stages)
    return Journey(condition.domain, others) if others else Not(condition)


def _combined(kind: type[All | AnyOf], parts: tuple[Condition, ...]) -> Condition:
    """Parts of the same kind are taken in: any of (any of a, b), c is any of a, b, c."""
    flat: list[Condition] = []
    for part in parts:
        flat.extend(part.parts if type(part) is kind else (part,))
    return flat[0] if len(flat) == 1 else kind(tuple(flat))
