"""Conditions in words: what a rule asks for, and why it did not pass, said to the person (en, nl).

Words are made from the normal form, where `not` stands at leaves only: nobody has to read
"not (an open complaint)".
"""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

from recommender.rules.compile import compile_condition
from recommender.rules.conditions import (
    All,
    BrokenPromise,
    Compare,
    Condition,
    DaysSince,
    Dissatisfied,
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
from recommender.rules.normal_form import normal_form
from recommender.rules.nouns import unwanted, wanted
from recommender.rules.speaker import Speaker

if TYPE_CHECKING:
    from recommender.catalogue import Catalogue


def in_words(condition: Condition, language: str, catalogue: Catalogue) -> str:
    """What the condition asks for, as a short phrase: `age: 18 or more`."""
    return wanted(normal_form(condition), Speaker(catalogue, language))


def why_not(condition: Condition, facts: Facts, language: str, catalogue: Catalogue) -> str:
    """Why `condition` does not pass in this situation: `Your home: rented. Needed: owned.`

    Only what stopped it is named: who misses one thing of five is told that one.
    """
    speaker = Speaker(catalogue, language)
    blame = _blame(normal_form(condition), facts)
    found = compile_condition(blame)(facts)
    if found is None:
        return _unknown(blame, speaker)
    if found is False:
        return hindrance(blame, facts, speaker)
    return speaker.say("needs", wanted=wanted(blame, speaker))


def _blame(condition: Condition, facts: Facts) -> Condition:
    """The part of an `all` that stopped it: the first that is false, else the first unknown."""
    if not isinstance(condition, All):
        return condition
    answers = [(part, compile_condition(part)(facts)) for part in condition.parts]
    for verdict in (False, None):
        for part, found in answers:
            if found is verdict:
                return _blame(part, facts)
    return condition


def _unknown(condition: Condition, speaker: Speaker) -> str:
    compared = condition.part if isinstance(condition, Not) else condition
    if isinstance(compared, Compare):
        return speaker.say(
            "unknown_value",
            name=speaker.name(compared.name),
            range=speaker.range(compared, outside=compared is not condition),
        )
    phrase = "unknown_balance" if isinstance(condition, ProjectedShortfall) else "unknown"
    return speaker.say(phrase, wanted=wanted(condition, speaker))


@singledispatch
def hindrance(condition: Condition, _facts: Facts, speaker: Speaker) -> str:
    """Why a condition that is False is so; any combination is said as what it asks for."""
    return speaker.say("needs", wanted=wanted(condition, speaker))


@hindrance.register
def _compared(condition: Compare, facts: Facts, speaker: Speaker) -> str:
    said, name = speaker.values(condition), condition.name
    found = speaker.value(name, facts.values[name])
    by_age = f"age_{condition.operator.value}"
    if name == "age" and by_age in speaker.phrases:
        return speaker.say(by_age, found=found, first=said[0], last=said[-1])
    phrase = "found_excluded" if condition.operator is Operator.NOT_IN else "found"
    return speaker.say(
        phrase,
        name=speaker.name(name),
        found=found,
        range=speaker.range(condition),
    )


@hindrance.register
def _lacks(condition: Holds, _facts: Facts, speaker: Speaker) -> str:
    return speaker.say("lacks", wanted=wanted(condition, speaker))


@hindrance.register
def _looked_little(condition: InterestAtLeast, _facts: Facts, speaker: Speaker) -> str:
    title, often = speaker.title(condition), speaker.often(condition.level)
    return speaker.say("looked_little", title=title, often=often)


@hindrance.register
def _no_case(condition: OpenCase, _facts: Facts, speaker: Speaker) -> str:
    return speaker.say("no_case", case=speaker.say(condition.kind))


@hindrance.register
def _balance(condition: ProjectedShortfall, _facts: Facts, speaker: Speaker) -> str:
    if not condition.expected:
        return speaker.say("falls_short")
    return speaker.say("stays_above", wanted=wanted(condition, speaker))


@hindrance.register
def _had_never(condition: HeldBefore, _facts: Facts, speaker: Speaker) -> str:
    return speaker.say("had_never", titles=speaker.titles(condition))


@hindrance.register
def _lowest_balance(condition: ProjectedBalance, facts: Facts, speaker: Speaker) -> str:
    found = facts.lowest_balance_minor or 0  # known, or the condition would not be False
    return speaker.say(
        "balance_found", found=speaker.money(found), wanted=wanted(condition, speaker)
    )


@hindrance.register
def _other_stage(condition: Journey, facts: Facts, speaker: Speaker) -> str:
    found = speaker.stages([facts.stage(condition.domain) or ""])  # known, or it would not be False
    stages = speaker.stages(condition.stages)
    return speaker.say("stage_found", title=speaker.title(condition), found=found, stages=stages)


@hindrance.register
def _all_finished(condition: Unfinished, _facts: Facts, speaker: Speaker) -> str:
    return speaker.say("all_finished", titles=speaker.titles(condition))


@hindrance.register
def _promise_kept(condition: BrokenPromise, _facts: Facts, speaker: Speaker) -> str:
    return speaker.say("needs", wanted=wanted(condition, speaker))


@hindrance.register
def _not_unhappy(condition: Dissatisfied, _facts: Facts, speaker: Speaker) -> str:
    return speaker.say("needs", wanted=wanted(condition, speaker))


@hindrance.register
def _other_days(condition: DaysSince, facts: Facts, speaker: Speaker) -> str:
    found = facts.days_since(condition.happening, condition.subject)
    phrase = "days_never" if found is None else "days_found"
    event, wide = _sentence(speaker.event(condition)), speaker.days(condition)
    return speaker.say(phrase, event=event, found=found, range=wide)


@hindrance.register
def _stopped_by(condition: Not, facts: Facts, speaker: Speaker) -> str:
    return obstacle(condition.part, facts, speaker)


@singledispatch
def obstacle(leaf: Condition, _facts: Facts, speaker: Speaker) -> str:
    """Why a `leaf` that is True stands in the way."""
    return speaker.say("needs", wanted=unwanted(leaf, speaker))


@obstacle.register
def _inside_of(leaf: Compare, facts: Facts, speaker: Speaker) -> str:
    name = leaf.name
    return speaker.say(
        "found",
        name=speaker.name(name),
        found=speaker.value(name, facts.values[name]),
        range=speaker.range(leaf, outside=True),
    )


@obstacle.register
def _has(leaf: Holds, facts: Facts, speaker: Speaker) -> str:
    held = tuple(product for product in leaf.products if product in facts.holds)
    return speaker.say("has", titles=speaker.titles(Holds(held)))


@obstacle.register
def _had(leaf: HeldBefore, facts: Facts, speaker: Speaker) -> str:
    had = tuple(product for product in leaf.products if product in facts.held_before)
    return speaker.say("had", titles=speaker.titles(HeldBefore(had)))


@obstacle.register
def _looked_much(leaf: InterestAtLeast, _facts: Facts, speaker: Speaker) -> str:
    return speaker.say("looked_much", title=speaker.title(leaf), often=speaker.often(leaf.level))


@obstacle.register
def _case(leaf: OpenCase, _facts: Facts, speaker: Speaker) -> str:
    return speaker.say("case", case=speaker.say(leaf.kind))


@obstacle.register
def _short(_leaf: ProjectedShortfall, _facts: Facts, speaker: Speaker) -> str:
    return speaker.say("falls_short")


@obstacle.register
def _left(leaf: Unfinished, facts: Facts, speaker: Speaker) -> str:
    left = tuple(product for product in leaf.products if product in facts.unfinished)
    return speaker.say("left", titles=speaker.titles(Unfinished(left)))


@obstacle.register
def _late(leaf: BrokenPromise, facts: Facts, speaker: Speaker) -> str:
    late = tuple(kind for kind in leaf.kinds if kind in facts.broken_promises)
    return speaker.say("promised", cases=speaker.cases(BrokenPromise(late)))


@obstacle.register
def _unhappy(_leaf: Dissatisfied, _facts: Facts, speaker: Speaker) -> str:
    return speaker.say("said_unhappy")


@obstacle.register
def _too_lately(leaf: DaysSince, facts: Facts, speaker: Speaker) -> str:
    found = facts.days_since(leaf.happening, leaf.subject)
    return speaker.say("days_excluded", event=_sentence(speaker.event(leaf)), found=found)


def _sentence(event: str) -> str:
    return event[0].upper() + event[1:]
