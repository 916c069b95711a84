"""Rules and policies as data: a condition, a name, and words of their own where wanted."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, PlainValidator, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from recommender.catalogue.base import Declared
from recommender.catalogue.texts import MISTAKES, Text, names_in, wrong
from recommender.rules.conditions import Condition
from recommender.rules.names import suggestion
from recommender.rules.parse import ConditionMistakes, parse_condition


def _condition(raw: Any, info: ValidationInfo) -> Condition:
    if isinstance(raw, Condition):
        return raw
    context = info.context or {}
    try:
        return parse_condition(
            raw, names_in(info), context.get("levels", {}), context.get("domain_of", {})
        )
    except ConditionMistakes as found:
        raise PydanticCustomError(
            MISTAKES, "{message}", {"message": str(found), "mistakes": found.mistakes}
        ) from None


When = Annotated[Condition, PlainValidator(_condition), PlainSerializer(repr, return_type=str)]
"""A condition in YAML; what it means is its `repr` in a digest."""


class Rule(Declared):
    """A condition that must be True; `text`, if given, says why not instead of the built words."""

    id: str = Field(pattern="^[a-z][a-z0-9_]*$")
    when: When
    text: Text | None = None


class AppliesTo(Declared):
    """Which products a policy speaks of: `all`, or any of the lists is enough."""

    everything: bool = False
    products: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _all(cls, raw: Any) -> Any:
        return {"everything": True} if raw == "all" else raw

    @model_validator(mode="after")
    def _known(self, info: ValidationInfo) -> AppliesTo:
        names = names_in(info)
        for kind, chosen, known in (
            ("product", self.products, names.products),
            ("domain", self.domains, names.domains),
            ("product type", self.types, names.product_types),
        ):
            for name in chosen:
                if name not in known:
                    raise wrong(f"unknown {kind} {name!r}", suggestion(name, known))
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
