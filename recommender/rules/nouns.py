"""What a rule asks for, as a noun: `age: 18 or more`, `no open complaint`."""

from __future__ import annotations

from functools import singledispatch

from recommender.rules.conditions import (
    All,
    AnyOf,
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
    ProjectedBalance,
    ProjectedShortfall,
    Unfinished,
)
from recommender.rules.speaker import Speaker


@singledispatch
def wanted(condition: Condition, _speaker: Speaker) -> str:
    """What a person would have who passes; `condition` is in normal form."""
    raise TypeError(f"no words for {condition!r}")


@wanted.register
def _all(condition: All, speaker: Speaker) -> str:
    return speaker.say("both").join(_inside(part, speaker) for part in condition.parts)


@wanted.register
def _any(condition: AnyOf, speaker: Speaker) -> str:
    return speaker.say("one_of").join(_inside(part, speaker) for part in condition.parts)


def _inside(part: Condition, speaker: Speaker) -> str:
    said = wanted(part, speaker)
    return f"({said})" if isinstance(part, All | AnyOf) else said


@wanted.register
def _compare(condition: Compare, speaker: Speaker) -> str:
    name, wide = speaker.name(condition.name), speaker.range(condition)
    return speaker.say("compare", name=name, range=wide)


@wanted.register
def _holds(condition: Holds, speaker: Speaker) -> str:
    return speaker.say(_held(condition), titles=speaker.titles(condition))


def _held(condition: Holds) -> str:
    return "holds" if condition.domain is None else "holds_in"


@wanted.register
def _interest(condition: InterestAtLeast, speaker: Speaker) -> str:
    return speaker.say(
        "interest", level=speaker.level(condition.level), title=speaker.title(condition)
    )


@wanted.register
def _open_case(condition: OpenCase, speaker: Speaker) -> str:
    return speaker.say("open_case", case=speaker.say(condition.kind))


@wanted.register
def _shortfall(condition: ProjectedShortfall, speaker: Speaker) -> str:
    return speaker.say("short" if condition.expected else "short_not")


@wanted.register
def _held_before(condition: HeldBefore, speaker: Speaker) -> str:
    return speaker.say("held_before", titles=speaker.titles(condition))


@wanted.register
def _balance(condition: ProjectedBalance, speaker: Speaker) -> str:
    phrase = f"balance_{condition.operator.value}"
    return speaker.say(phrase, amount=speaker.money(condition.bound))


@wanted.register
def _journey(condition: Journey, speaker: Speaker) -> str:
    stages = speaker.stages(condition.stages)
    return speaker.say("compare", name=speaker.title(condition), range=stages)


@wanted.register
def _days_since(condition: DaysSince, speaker: Speaker) -> str:
    return speaker.say("days", event=speaker.event(condition), range=speaker.days(condition))


@wanted.register
def _unfinished(condition: Unfinished, speaker: Speaker) -> str:
    return speaker.say("unfinished", titles=speaker.titles(condition))


@wanted.register
def _broken_promise(condition: BrokenPromise, speaker: Speaker) -> str:
    return speaker.say("late", cases=speaker.cases(condition))


@wanted.register
def _dissatisfied(_condition: Dissatisfied, speaker: Speaker) -> str:
    return speaker.say("unhappy")


@wanted.register
def _not(condition: Not, speaker: Speaker) -> str:
    return unwanted(condition.part, speaker)


@singledispatch
def unwanted(leaf: Condition, _speaker: Speaker) -> str:
    """What a person would not have who passes the opposite of `leaf`."""
    raise TypeError(f"not in normal form: not {leaf!r}")


@unwanted.register
def _outside(leaf: Compare, speaker: Speaker) -> str:
    wide = speaker.range(leaf, outside=True)
    return speaker.say("compare", name=speaker.name(leaf.name), range=wide)


@unwanted.register
def _holds_not(leaf: Holds, speaker: Speaker) -> str:
    return speaker.say(f"{_held(leaf)}_not", titles=speaker.titles(leaf))


@unwanted.register
def _never_held(leaf: HeldBefore, speaker: Speaker) -> str:
    return speaker.say("held_before_not", titles=speaker.titles(leaf))


@unwanted.register
def _less_interest(leaf: InterestAtLeast, speaker: Speaker) -> str:
    return speaker.say("interest_not", level=speaker.level(leaf.level), title=speaker.title(leaf))


@unwanted.register
def _no_open_case(leaf: OpenCase, speaker: Speaker) -> str:
    return speaker.say("open_case_not", case=speaker.say(leaf.kind))


@unwanted.register
def _not_short(_leaf: ProjectedShortfall, speaker: Speaker) -> str:
    return speaker.say("short_not")


@unwanted.register
def _none_unfinished(leaf: Unfinished, speaker: Speaker) -> str:
    return speaker.say("unfinished_not", titles=speaker.titles(leaf))


@unwanted.register
def _promise_kept(leaf: BrokenPromise, speaker: Speaker) -> str:
    return speaker.say("late_not", cases=speaker.cases(leaf))


@unwanted.register
def _satisfied(_leaf: Dissatisfied, speaker: Speaker) -> str:
    return speaker.say("unhappy_not")


@unwanted.register
def _no_stage(leaf: Journey, speaker: Speaker) -> str:
    return speaker.say("compare", name=speaker.title(leaf), range=speaker.say("no_stage"))


@unwanted.register
def _not_since(leaf: DaysSince, speaker: Speaker) -> str:
    return speaker.say("days_not", event=speaker.event(leaf), range=speaker.days(leaf))
