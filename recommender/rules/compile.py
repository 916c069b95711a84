"""Conditions as closures: built once, asked dozens of times in every decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import singledispatch
from typing import Any

from recommender.rules.conditions import (
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
from recommender.rules.facts import Facts

Predicate = Callable[[Facts], bool | None]


@singledispatch
def compile_condition(condition: Condition) -> Predicate:
    """A function from facts to True, False, or None where the facts do not tell."""
    raise TypeError(f"no such condition: {condition!r}")


@compile_condition.register
def _all(condition: All) -> Predicate:
    parts = tuple(compile_condition(part) for part in condition.parts)

    def holds(facts: Facts) -> bool | None:
        answer: bool | None = True
        for part in parts:
            found = part(facts)
            if found is False:
                return False
            if found is None:
                answer = None
        return answer

    return holds


@compile_condition.register
def _any(condition: AnyOf) -> Predicate:
    parts = tuple(compile_condition(part) for part in condition.parts)

    def holds(facts: Facts) -> bool | None:
        answer: bool | None = False
        for part in parts:
            found = part(facts)
            if found is True:
                return True
            if found is None:
                answer = None
        return answer

    return holds


@compile_condition.register
def _not(condition: Not) -> Predicate:
    part = compile_condition(condition.part)

    def holds(facts: Facts) -> bool | None:
        found = part(facts)
        return None if found is None else not found

    return holds


@compile_condition.register
def _compare(condition: Compare) -> Predicate:
    name, operands = condition.name, condition.operands
    first: Any = operands[0]
    last: Any = operands[-1]
    members = frozenset(operands)

    def is_value(facts: Facts) -> bool | None:
        found = facts.values.get(name)
        return None if found is None else found == first

    def is_member(facts: Facts) -> bool | None:
        found = facts.values.get(name)
        return None if found is None else found in members

    def is_no_member(facts: Facts) -> bool | None:
        found = facts.values.get(name)
        return None if found is None else found not in members

    def at_least(facts: Facts) -> bool | None:
        found: Any = facts.values.get(name)
        return None if found is None else found >= first

    def below(facts: Facts) -> bool | None:
        found: Any = facts.values.get(name)
        return None if found is None else found < first

    def between(facts: Facts) -> bool | None:
        found: Any = facts.values.get(name)
        return None if found is None else first <= found <= last

    return {
        Operator.IS: is_value,
        Operator.IN: is_member,
        Operator.NOT_IN: is_no_member,
        Operator.AT_LEAST: at_least,
        Operator.BELOW: below,
        Operator.BETWEEN: between,
    }[condition.operator]


@compile_condition.register
def _holds(condition: Holds) -> Predicate:
    products = frozenset(condition.products)
    if len(products) == 1:
        (product,) = products
        return lambda facts: product in facts.holds
    return lambda facts: not products.isdisjoint(facts.holds)


@compile_condition.register
def _held_before(condition: HeldBefore) -> Predicate:
    products = frozenset(condition.products)
    return lambda facts: not products.isdisjoint(facts.held_before)


@compile_condition.register
def _interest(condition: InterestAtLeast) -> Predicate:
    subject, bound = condition.subject, condition.bound
    if condition.is_domain:
        return lambda facts: _known(facts.domain_interest.get(subject, 0.0) >= bound, facts)
    return lambda facts: _known(facts.product_interest.get(subject, 0.0) >= bound, facts)


def _known(answer: bool, facts: Facts) -> bool | None:  # noqa: FBT001  # it is what this is about
    """What was looked at without consent is not known, and so is that nothing was."""
    return answer if facts.profiled else None


@compile_condition.register
def _open_case(condition: OpenCase) -> Predicate:
    kind = condition.kind
    return lambda facts: kind in facts.open_cases


@compile_condition.register
def _shortfall(condition: ProjectedShortfall) -> Predicate:
    expected = condition.expected
    if condition.seen:
        return lambda facts: facts.projected_shortfall is expected

    def holds(facts: Facts) -> bool | None:
        found = facts.projected_shortfall
        return None if found is None else found is expected

    return holds


@compile_condition.register
def _balance(condition: ProjectedBalance) -> Predicate:
    bound, at_least = condition.bound, condition.operator is Operator.AT_LEAST

    def holds(facts: Facts) -> bool | None:
        found = facts.lowest_balance_minor
        return None if found is None else (found >= bound) is at_least

    return holds


@compile_condition.register
def _journey(condition: Journey) -> Predicate:
    domain, stages = condition.domain, frozenset(condition.stages)

    def holds(facts: Facts) -> bool | None:
        found = facts.stage(domain)
        return None if found is None else found in stages

    return holds


@compile_condition.register
def _days_since(condition: DaysSince) -> Predicate:
    happening, subject = condition.happening, condition.subject
    never = None if happening is Happening.JOINED else False
    passes = _AMONG[condition.operator]
    first, last = condition.days[0], condition.days[-1]

    def holds(facts: Facts) -> bool | None:
        found = facts.days_since(happening, subject)
        return never if found is None else passes(found, first, last)

    return holds


@compile_condition.register
def _unfinished(condition: Unfinished) -> Predicate:
    products = frozenset(condition.products)
    return lambda facts: not products.isdisjoint(facts.unfinished)


@compile_condition.register
def _broken_promise(condition: BrokenPromise) -> Predicate:
    kinds = frozenset(condition.kinds)
    return lambda facts: not kinds.isdisjoint(facts.broken_promises)


@compile_condition.register
def _dissatisfied(condition: Dissatisfied) -> Predicate:
    score, days = condition.score, condition.days

    def holds(facts: Facts) -> bool:
        opinion = facts.opinion
        return opinion is not None and opinion[0] < score and opinion[1] <= days

    return holds


_AMONG: Mapping[Operator, Callable[[int, int, int], bool]] = {
    Operator.AT_LEAST: lambda found, first, _: found >= first,
    Operator.BELOW: lambda found, first, _: found < first,
    Operator.BETWEEN: lambda found, first, last: first <= found <= last,
}
