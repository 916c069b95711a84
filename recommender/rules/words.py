"""Conditions in words: why a rule did not pass, said to the person it is about (en, nl)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
from typing import TYPE_CHECKING

from recommender.account import Value
from recommender.rules.compile import compile_condition
from recommender.rules.conditions import (
    All,
    AnyOf,
    Compare,
    Condition,
    Holds,
    InterestAtLeast,
    Not,
    OpenCase,
    Operator,
    ProjectedShortfall,
)
from recommender.rules.facts import Facts

if TYPE_CHECKING:
    from recommender.catalogue import Catalogue

PHRASES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "needs": "This is for people with: {wanted}.",
        "unknown": "We do not know enough about you for this, which is for people with: {wanted}.",
        "and": " and ", "or": " or ", "not": "not ({part})",
        "age": "age", "tenure_years": "years as a customer", "is_now": " (yours: {value})",
        "is": "{name}: {values}", "in": "{name}: {values}", "not_in": "{name} other than {values}",
        "at_least": "{name} from {values}", "below": "{name} below {values}",
        "between": "{name} from {low} to {high}", "yes": "yes", "no": "no",
        "holds": "having {values}", "interest": "{level} interest in {values}",
        "low": "some", "medium": "clear", "high": "strong",
        "complaint": "an open complaint", "application": "an open application",
        "order": "an open order", "short": "a shortfall ahead", "not_short": "no shortfall ahead",
    },
    "nl": {
        "needs": "Dit is voor mensen met: {wanted}.",
        "unknown": "We weten hiervoor niet genoeg van u; dit is voor mensen met: {wanted}.",
        "and": " en ", "or": " of ", "not": "niet ({part})",
        "age": "leeftijd", "tenure_years": "jaren als klant", "is_now": " (bij u: {value})",
        "is": "{name}: {values}", "in": "{name}: {values}", "not_in": "{name} anders dan {values}",
        "at_least": "{name} vanaf {values}", "below": "{name} onder {values}",
        "between": "{name} van {low} tot en met {high}", "yes": "ja", "no": "nee",
        "holds": "bezit van {values}", "interest": "{level} interesse in {values}",
        "low": "enige", "medium": "duidelijke", "high": "sterke",
        "complaint": "een open klacht", "application": "een open aanvraag",
        "order": "een open bestelling", "short": "een tekort in zicht",
        "not_short": "geen tekort in zicht",
    },
}  # fmt: skip
DEFAULT = "en"


class Speaker:
    """Words of one language, names from one catalogue, about one situation."""

    def __init__(self, catalogue: Catalogue, language: str, facts: Facts) -> None:
        self.catalogue = catalogue
        self.language = language
        self.facts = facts
        self.phrases = PHRASES.get(language, PHRASES[DEFAULT])

    def say(self, phrase: str, **filled: object) -> str:
        return self.phrases[phrase].format(**filled)

    def name(self, attribute: str) -> str:
        declared = self.catalogue.attributes.get(attribute)
        if declared is None:
            return self.phrases.get(attribute, attribute)
        return declared.label.get(self.language, attribute)

    def value(self, attribute: str, value: object) -> str:
        if isinstance(value, bool):
            return self.say("yes" if value else "no")
        declared = self.catalogue.attributes.get(attribute)
        labels = declared.value_labels.get(str(value), {}) if declared else {}
        return labels.get(self.language, str(value).replace("_", " "))

    def title(self, name: str, *, is_domain: bool = False) -> str:
        found = (self.catalogue.domains if is_domain else self.catalogue.products).get(name)
        return found.title[self.language] if found else name


def why_not(condition: Condition, facts: Facts, language: str, catalogue: Catalogue) -> str:
    """Why `condition` does not pass in this situation, as one sentence of `language`.

    Only the parts that failed are named: who misses one thing of five is told that one.
    """
    speaker = Speaker(catalogue, language, facts)
    blame = _blame(condition, facts)
    known = compile_condition(blame)(facts) is not None
    return speaker.say("needs" if known else "unknown", wanted=describe(blame, speaker))


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


@singledispatch
def describe(condition: Condition, speaker: Speaker) -> str:  # noqa: ARG001  # each form needs it
    """What the condition asks for, as a phrase."""
    raise TypeError(f"no words for {condition!r}")


@describe.register
def _all(condition: All, speaker: Speaker) -> str:
    return speaker.say("and").join(describe(part, speaker) for part in condition.parts)


@describe.register
def _any(condition: AnyOf, speaker: Speaker) -> str:
    return speaker.say("or").join(describe(part, speaker) for part in condition.parts)


@describe.register
def _not(condition: Not, speaker: Speaker) -> str:
    return speaker.say("not", part=describe(condition.part, speaker))


@describe.register
def _compare(condition: Compare, speaker: Speaker) -> str:
    name = condition.name
    said = [speaker.value(name, operand) for operand in condition.operands]
    if condition.operator is Operator.BETWEEN:
        phrase = speaker.say("between", name=speaker.name(name), low=said[0], high=said[1])
    else:
        values = speaker.say("or").join(said)
        phrase = speaker.say(condition.operator.value, name=speaker.name(name), values=values)
    found: Value | None = speaker.facts.values.get(name)  # type: ignore[assignment]  # only values go in
    if found is None:
        return phrase
    return phrase + speaker.say("is_now", value=speaker.value(name, found))


@describe.register
def _holds(condition: Holds, speaker: Speaker) -> str:
    if condition.domain is not None:
        return speaker.say("holds", values=speaker.title(condition.domain, is_domain=True))
    titles = (speaker.title(product) for product in condition.products)
    return speaker.say("holds", values=speaker.say("or").join(titles))


@describe.register
def _interest(condition: InterestAtLeast, speaker: Speaker) -> str:
    return speaker.say(
        "interest",
        level=speaker.phrases.get(condition.level, condition.level),
        values=speaker.title(condition.subject, is_domain=condition.is_domain),
    )


@describe.register
def _open_case(condition: OpenCase, speaker: Speaker) -> str:
    return speaker.say(condition.kind)


@describe.register
def _shortfall(condition: ProjectedShortfall, speaker: Speaker) -> str:
    return speaker.say("short" if condition.expected else "not_short")
