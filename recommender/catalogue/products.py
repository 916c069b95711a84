"""Products, our own and partners'."""

from __future__ import annotations

from datetime import date

from pydantic import Field, ValidationInfo, model_validator

from recommender.catalogue.base import CHANNELS, Channel, Declared
from recommender.catalogue.rule import Rule
from recommender.catalogue.texts import Text, names_in, wrong
from recommender.rules.names import suggestion


class Term(Declared):
    """When a product is on sale; both days included, None is open-ended."""

    from_: date | None = Field(default=None, alias="from")
    until: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Term:
        if self.from_ is not None and self.until is not None and self.from_ > self.until:
            raise wrong(
                f"the term is upside down: {self.from_} > {self.until}", "swap from and until"
            )
        return self


class Product(Declared):
    """What can be offered: `eligible` is law and terms, `suitable` is this life, now.

    `value` is the relative worth in arbitration; `regulated_credit` products are never explored.
    """

    domain: str
    type: str
    title: Text
    message: Text
    url: str
    partner: str | None = None
    value: float = Field(default=1.0, gt=0, le=10)
    regulated_credit: bool = False
    repeatable: bool = False
    channels: tuple[Channel, ...] = CHANNELS
    on_sale: Term | None = None
    eligible: tuple[Rule, ...] = ()
    suitable: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _known_domain(self, info: ValidationInfo) -> Product:
        known = names_in(info).domains
        if self.domain not in known:
            raise wrong(f"unknown domain {self.domain!r}", suggestion(self.domain, known))
        return self

    @model_validator(mode="after")
    def _rules_have_names_of_their_own(self) -> Product:
        ids = [rule.id for rule in (*self.eligible, *self.suitable)]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise wrong(f"two rules are called {twice[0]!r}", "rename one of them")
        return self
