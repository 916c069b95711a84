"""Products, our own and partners'."""

from __future__ import annotations

from datetime import date

from pydantic import Field, ValidationInfo, field_validator

from recommender.catalogue.base import CHANNELS, Channel, Declared, DomainName, JourneyStage
from recommender.catalogue.mistakes import refuse, wrong
from recommender.catalogue.rule import Rule
from recommender.catalogue.texts import Text, Url
from recommender.rules.conditions import Journey
from recommender.rules.names import Mistake

STAGE_RULE = "journey"
"""The rule that a product's `stages` are."""


class Term(Declared):
    """When a product is on sale; both days included, None is open-ended."""

    from_: date | None = Field(default=None, alias="from")
    until: date | None = None

    @field_validator("until")
    @classmethod
    def _after_from(cls, until: date | None, info: ValidationInfo) -> date | None:
        since: date | None = info.data.get("from_")
        if since is not None and until is not None and since > until:
            raise wrong(f"the term is upside down: {since} > {until}", "swap from and until")
        return until


class Person(Declared):
    """Who is offered this talks with a person: the words that say so, and where that begins."""

    message: Text
    url: Url


class Product(Declared):
    """What can be offered: `eligible` is law and terms, `suitable` is this life, now.

    `value` is the relative worth in arbitration; `regulated_credit` products are never explored. A
    `moment_of_truth` is no one-click sale: it leads to a person. `stages` of the product's domain
    are those in which it may be offered; none named: in all.
    """

    domain: DomainName
    type: str
    title: Text
    message: Text
    url: Url
    partner: str | None = None
    value: float = Field(default=1.0, gt=0, le=10)
    regulated_credit: bool = False
    repeatable: bool = False
    moment_of_truth: Person | None = None
    stages: tuple[JourneyStage, ...] = ()
    channels: tuple[Channel, ...] = Field(default=CHANNELS, min_length=1)
    on_sale: Term | None = None
    eligible: tuple[Rule, ...] = ()
    suitable: tuple[Rule, ...] = ()

    @property
    def suitability(self) -> tuple[Rule, ...]:
        """What makes it fit a life, its stages included."""
        if not self.stages:
            return self.suitable
        stage = Journey(self.domain, self.stages)
        return (*self.suitable, Rule.model_construct(id=STAGE_RULE, when=stage))

    @field_validator("eligible", "suitable")
    @classmethod
    def _names_of_their_own(cls, rules: tuple[Rule, ...], info: ValidationInfo) -> tuple[Rule, ...]:
        seen = {rule.id for rule in info.data.get("eligible", ())}
        mistakes: list[Mistake] = []
        for index, rule in enumerate(rules):
            if rule.id in seen:
                message = f"two rules are called {rule.id!r}"
                mistakes.append(Mistake((index, "id"), message, "rename one of them"))
            seen.add(rule.id)
        if mistakes:
            raise refuse(*mistakes)
        return rules
