"""The catalogue as people write it: frozen, every key declared, every name checked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from recommender.catalogue.base import CHANNELS, Channel, Declared
from recommender.catalogue.products import Product
from recommender.catalogue.rule import Policy, When
from recommender.catalogue.texts import Text, names_in, wrong
from recommender.rules.names import suggestion

Use = Literal["model", "policy", "audit"]


def _known_actions(names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    known = names_in(info).actions
    for name in names:
        if name not in known:
            raise wrong(f"unknown action {name!r}", suggestion(name, known))
    return names


def _known_features(names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    declared = names_in(info)
    for name in names:
        if name in declared.features:
            continue
        if name in declared.attributes:
            raise wrong(f"attribute {name!r} is no model feature", "add `model` to its uses")
        raise wrong(f"unknown feature {name!r}", suggestion(name, declared.features))
    return names


FeatureNames = Annotated[tuple[str, ...], AfterValidator(_known_features)]


class IntegerBins(Declared):
    """Lower bounds of the bins, ascending; what is below the first is a bin of its own."""

    bins: tuple[int, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ascending(self) -> IntegerBins:
        if list(self.bins) != sorted(set(self.bins)):
            raise wrong("bins must ascend", f"{sorted(set(self.bins))}?")
        return self


class Features(Declared):
    """What the model may see besides the attributes of use `model`."""

    age: IntegerBins | None = None
    tenure_years: IntegerBins | None = None
    holdings: bool = True
    domain_interest: bool = True
    product_interest: bool = True
    identity: bool = False
    crosses: tuple[FeatureNames, ...] = ()


class InterestDecay(Declared):
    """How browsing becomes interest: `weights` by event kind, `levels` by lower bound."""

    half_life_days: float = Field(default=14, gt=0)
    levels: dict[str, float] = Field(default_factory=lambda: {"low": 0.5, "medium": 2, "high": 5})
    weights: dict[str, float] = Field(default_factory=lambda: {"page_view": 1.0})


class Attribute(Declared):
    """A fact about a person, and what it may be used for. `bins` and `values` by type."""

    type: Literal["category", "integer", "boolean"]
    uses: tuple[Use, ...] = Field(min_length=1)
    values: tuple[str, ...] = ()
    bins: tuple[int, ...] = ()
    label: Text = Field(default_factory=dict)
    value_labels: dict[str, Text] = Field(default_factory=dict)
    reasons: dict[str, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Attribute:
        if self.type == "category" and not self.values:
            raise wrong("a category needs its values", "add `values: [...]`")
        if self.type == "integer" and "model" in self.uses and not self.bins:
            raise wrong("a number the model sees needs bins", "add `bins: [...]`")
        if "audit" in self.uses and len(self.uses) > 1:
            raise wrong(
                "an attribute for audit has no other use", "keep `uses: [audit]`, or drop audit"
            )
        return self


class Domain(Declared):
    title: Text


class Reasons(Declared):
    """Sentences for what the model saw; `{title}` is the product's or the domain's."""

    holds: Text = Field(default_factory=dict)
    interest: Text = Field(default_factory=dict)
    views: Text = Field(default_factory=dict)


class CoolDown(Declared):
    """Days a product rests after each answer."""

    dismissed: int = Field(default=7, ge=0)
    not_interested: int = Field(default=30, ge=0)
    declined: int = Field(default=30, ge=0)


class ContactPolicy(Declared):
    """One budget across all channels, and how long a product rests after a no."""

    marketing_per_week: int = Field(default=3, ge=0)
    cooldown_days: CoolDown = CoolDown()

    def rests_days(self, answer: str) -> int:
        """How many days a product rests after this answer."""
        days: int = getattr(self.cooldown_days, answer)
        return days


Lever = Annotated[float, Field(ge=0.1, le=10)]


class Levers(Declared):
    """Bounded multipliers in arbitration."""

    product: dict[str, Lever] = Field(default_factory=dict)
    domain: dict[str, Lever] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known(self, info: ValidationInfo) -> Levers:
        names = names_in(info)
        for chosen, known in ((self.product, names.products), (self.domain, names.domains)):
            for name in chosen:
                if name not in known:
                    raise wrong(f"unknown name {name!r}", suggestion(name, known))
        return self


class Action(Declared):
    """A service message or advice. Without `when` it is always possible: a fallback."""

    kind: Literal["service", "advice"]
    domain: str
    title: Text
    message: Text
    url: str
    when: When | None = None
    priority: int = 0
    channels: tuple[Channel, ...] = CHANNELS

    @model_validator(mode="after")
    def _known_domain(self, info: ValidationInfo) -> Action:
        known = names_in(info).domains
        if self.domain not in known:
            raise wrong(f"unknown domain {self.domain!r}", suggestion(self.domain, known))
        return self


class AlertText(Declared):
    """`{day}`, `{amount}`, `{shortfall}` and `{counterparty}` are filled in."""

    title: Text
    message: Text


class Alerts(Declared):
    """The texts of each kind of alert; an alert without texts is not raised."""

    shortfall_ahead: AlertText


class Placement(Declared):
    """A place on a page: how many slots, how many of one life domain, and what always fits."""

    slots: int = Field(default=3, ge=1, le=20)
    max_per_domain: int = Field(default=2, ge=1)
    channels: tuple[Channel, ...] = CHANNELS
    fallback: Annotated[tuple[str, ...], AfterValidator(_known_actions)] = Field(min_length=1)
    weights: dict[str, Lever] = Field(default_factory=dict)


class Catalogue(Declared):
    """Everything people declare: the customer's world, products, rules, placements and texts."""

    name: str
    version: str
    currency: str = Field(pattern="^[A-Z]{3}$")
    languages: tuple[str, ...] = Field(min_length=1)
    life_stage: FeatureNames = ()
    interest: InterestDecay = InterestDecay()
    features: Features = Features()
    attributes: dict[str, Attribute] = Field(default_factory=dict)
    domains: dict[str, Domain]
    products: dict[str, Product] = Field(min_length=1)
    policies: tuple[Policy, ...] = ()
    contact: ContactPolicy = ContactPolicy()
    levers: Levers = Levers()
    reasons: Reasons = Reasons()
    alerts: Alerts | None = None
    actions: dict[str, Action] = Field(default_factory=dict)
    placements: dict[str, Placement] = Field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """sha256 (hex) of what is declared; comments and layout of the file do not count."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @property
    def model_attributes(self) -> Mapping[str, Attribute]:
        return {name: item for name, item in self.attributes.items() if "model" in item.uses}


__all__ = [
    "CHANNELS",
    "Action",
    "AlertText",
    "Attribute",
    "Catalogue",
    "Channel",
    "ContactPolicy",
    "Domain",
    "Features",
    "IntegerBins",
    "InterestDecay",
    "Levers",
    "Placement",
    "Reasons",
]
