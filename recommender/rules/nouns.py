"""What a rule asks for, as a noun: `age: 18 or more`, `no open complaint`."""

from __future__ import annotations

from functools import singledispatch

from recommender.rules.conditions import (
    All,
    AnyOf,
    Compare,
    Condition,
    Holds,
    InterestAtLeast,
    Not,
    OpenCase,
    ProjectedShortfall,
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
def _not(condition: Not, speaker: Speaker) -> str:
    leaf = condition.part
    if isinstance(leaf, Compare):
        wide = speaker.range(leaf, outside=True)
        return speaker.say("compare", name=speaker.name(leaf.name), range=wide)
    if isinstance(leaf, Holds):
        return speaker.say(f"{_held(leaf)}_not", titles=speaker.titles(leaf))
    if isinstance(leaf, InterestAtLeast):
        level = speaker.level(leaf.level)
        return speaker.say("interest_not", level=level, title=speaker.title(leaf))
    if isinstance(leaf, OpenCase):
        return speaker.say("open_case_not", case=speaker.say(leaf.kind))
    raise TypeError(f"not in normal form: {condition!r}")
