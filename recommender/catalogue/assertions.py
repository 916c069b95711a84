"""Assertions: what the rules and policies, all together, must never or always do.

`proof` looks for somebody of whom one is not true.
"""

from __future__ import annotations

from pydantic import model_validator

from recommender.catalogue.base import (
    ActionName,
    Declared,
    DomainName,
    ProductName,
    ProductType,
)
from recommender.catalogue.mistakes import wrong
from recommender.catalogue.rule import When

EXAMPLE = "e.g. `never: {product: mortgage, when: {age: {below: 18}}}`"


class Claim(Declared):
    """Of what is claimed that it is offered, or due, and to whom: all for whom `when` is True."""

    product: ProductName | None = None
    type: ProductType | None = None
    domain: DomainName | None = None
    action: ActionName | None = None
    when: When

    @model_validator(mode="after")
    def _of_one_thing(self) -> Claim:
        named = [self.product, self.type, self.domain, self.action]
        if sum(one is not None for one in named) != 1:
            raise wrong("an assertion is about one product, type, domain or action", EXAMPLE)
        return self

    def covers(self, product_id: str, domain: str, product_type: str) -> bool:
        return product_id == self.product or domain == self.domain or product_type == self.type


class Assertion(Declared):
    """`never`: to nobody for whom `when` is True; `always`: to everybody who has no such product.

    It is about the stages that rules decide, not about contacts, scores and slots.
    """

    never: Claim | None = None
    always: Claim | None = None

    @model_validator(mode="after")
    def _either(self) -> Assertion:
        if (self.never is None) is (self.always is None):
            raise wrong("an assertion says either `never` or `always`", EXAMPLE)
        return self
