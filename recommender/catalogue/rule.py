"""Rules and policies as data: a condition, a name, and words of their own where wanted."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    field_validator,
    model_validator,
)

from recommender.catalogue.base import Declared, DomainName, ProductName, ProductType, identifier
from recommender.catalogue.mistakes import in_force_before, names_in, refuse, wrong
from recommender.catalogue.texts import Text
from recommender.rules.conditions import Condition
from recommender.rules.named import RULE
from recommender.rules.parse import NO_RULES, ConditionMistakes, parse_condition
from recommender.words import BUILT_IN


def _condition(raw: Any, info: ValidationInfo) -> Condition:
    if isinstance(raw, Condition):
        return raw
    context = info.context or {}
    try:
        return parse_condition(
            raw,
            names_in(info),
            context.get("levels", {}),
            context.get("domain_of", {}),
            context.get("named", NO_RULES),
        )
    except ConditionMistakes as found:
        raise refuse(*found.mistakes) from None


When = Annotated[Condition, PlainValidator(_condition), PlainSerializer(repr, return_type=str)]
"""A condition in YAML; what it means is its `repr` in a digest."""


class Dated(Declared):
    """In force from `valid_from` to `valid_to`, both days included; None is open-ended."""

    valid_from: date | None = None
    valid_to: date | None = None

    @field_validator("valid_to")
    @classmethod
    def _after_from(cls, valid_to: date | None, info: ValidationInfo) -> date | None:
        since: date | None = info.data.get("valid_from")
        if since is not None and valid_to is not None and since > valid_to:
            message = f"the term is upside down: {since} > {valid_to}"
            raise wrong(message, "swap valid_from and valid_to")
        return valid_to

    @property
    def dated(self) -> bool:
        return self.valid_from is not None or self.valid_to is not None

    def in_force(self, day: date) -> bool:
        since, last = self.valid_from, self.valid_to
        return (since is None or since <= day) and (last is None or day <= last)


class PolicySet(Dated):
    """All policies as one: whose they are, and when they are to be looked over at the latest.

    Outside its term nothing is offered, as what must be asked first is not known any more.
    """

    owner: str = ""
    version: str = ""


class NamedRule(Declared):
    """A condition that others rest on: `{rule: adult}`. Its `text` is that of a rule of no more."""

    when: When
    text: Text | None = None


def _own(name: str, info: ValidationInfo) -> str:
    """The words of the funnel's own become more, which is no fault of rules that were there."""
    if name in BUILT_IN and not in_force_before(info):
        raise wrong(f"{name!r} has a meaning of its own", "choose another name")
    return name


RuleName = Annotated[str, identifier("journey"), AfterValidator(_own)]


class Rule(Dated):
    """A condition that must be True; `text`, if given, says why not instead of the built words.

    Outside its term it asks nothing.
    """

    id: RuleName
    when: When
    text: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _in_the_words_of_its_named_rule(cls, raw: Any, info: ValidationInfo) -> Any:
        if not isinstance(raw, dict) or "text" in raw or not info.context:
            return raw
        when = raw.get("when")
        name = when.get(RULE) if isinstance(when, dict) else None
        text = info.context["texts"].get(name) if isinstance(name, str) else None
        return raw if text is None else {**raw, "text": text}


class AppliesTo(Declared):
    """Which products a policy speaks of: `all`, or any of the lists is enough."""

    everything: bool = False
    products: tuple[ProductName, ...] = ()
    domains: tuple[DomainName, ...] = ()
    types: tuple[ProductType, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _all(cls, raw: Any) -> Any:
        if isinstance(raw, str) and raw != "all":
            raise wrong(f"{raw!r} is not possible here", "`all`, or e.g. `{types: [credit]}`")
        return {"everything": True} if raw == "all" else raw

    @model_validator(mode="after")
    def _of_something(self, info: ValidationInfo) -> AppliesTo:
        named = self.everything or self.products or self.domains or self.types
        if not named and not in_force_before(info):
            raise wrong(
                "a policy over no product does nothing", "`all`, or e.g. `{types: [credit]}`"
            )
        return self


class Policy(Rule):
    """A rule over many products, at one of the two stages that rules decide."""

    stage: Literal["eligible", "suitable"]
    applies_to: AppliesTo

    def covers(self, product_id: str, domain: str, product_type: str) -> bool:
        to = self.applies_to
        if to.everything:
            return True
        return product_id in to.products or domain in to.domains or product_type in to.types
