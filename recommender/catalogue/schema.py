"""The catalogue as people write it: frozen, every key declared, every name checked."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from recommender.catalogue.actions import Action, Resume, TitledText, reminder_of
from recommender.catalogue.alerts import AlertKind, Push, Zone
from recommender.catalogue.assertions import Assertion
from recommender.catalogue.attributes import AscendingBins, Attribute, AttributeId
from recommender.catalogue.base import (
    CHANNELS,
    ActionName,
    Channel,
    Declared,
    DomainName,
    FeatureName,
    Id,
    Lever,
    ProductName,
    ProductType,
    identifier,
)
from recommender.catalogue.contact import ContactPolicy, Wishes
from recommender.catalogue.journey import JourneyPolicy
from recommender.catalogue.memory import Memory
from recommender.catalogue.mistakes import in_force_before, unknown, wrong
from recommender.catalogue.products import Product
from recommender.catalogue.rule import NamedRule, Policy, PolicySet
from recommender.catalogue.texts import Text
from recommender.rules.demands import Universe
from recommender.rules.names import MOST_YEARS
from recommender.tables import EventKind


class IntegerBins(Declared):
    """Years: lower bounds of the bins, ascending; what is below the first is a bin of its own."""

    bins: AscendingBins = Field(min_length=1)

    @field_validator("bins")
    @classmethod
    def _possible(cls, bins: tuple[int, ...]) -> tuple[int, ...]:
        never = [bound for bound in bins if not 0 <= bound <= MOST_YEARS]
        if never:
            raise wrong(f"no age or tenure is {never[0]}", f"they are 0 to {MOST_YEARS} years")
        return bins


class Features(Declared):
    """What the model may see besides the attributes of use `model`."""

    age: IntegerBins | None = None
    tenure_years: IntegerBins | None = None
    holdings: bool = True
    domain_interest: bool = True
    product_interest: bool = True
    identity: bool = False
    crosses: tuple[tuple[FeatureName, ...], ...] = ()


EVENT_KINDS = tuple(kind.value for kind in EventKind)


def _known_event(kind: str) -> str:
    if kind not in EVENT_KINDS:
        raise unknown("event kind", kind, EVENT_KINDS)
    return kind


EventName = Annotated[str, AfterValidator(_known_event)]
Bound = Annotated[float, Field(gt=0)]


class InterestDecay(Declared):
    """How browsing becomes interest: `weights` by event kind, `levels` by lower bound."""

    half_life_days: float = Field(default=14, gt=0)
    levels: dict[Id, Bound] = Field(
        default_factory=lambda: {"low": 0.5, "medium": 2.0, "high": 5.0}, min_length=1
    )
    weights: dict[EventName, Bound] = Field(default_factory=lambda: {"page_view": 1.0})

    @cached_property
    def bounds(self) -> tuple[float, ...]:
        """The levels' lower bounds, ascending."""
        return tuple(sorted(self.levels.values()))


class Domain(Declared):
    title: Text


class Reasons(Declared):
    """Sentences for what the model saw; `{title}` is the product's or the domain's."""

    holds: TitledText = Field(default_factory=dict)
    interest: TitledText = Field(default_factory=dict)
    views: TitledText = Field(default_factory=dict)


def _somebody(owner: str, info: ValidationInfo) -> str:
    if not owner.strip() and not in_force_before(info):
        raise wrong("nobody answers for this lever", "e.g. `owner: marketing`")
    return owner


class TimedLever(Declared):
    """Emphasis that somebody answers for, `until` its last day."""

    factor: Lever
    until: date
    owner: Annotated[str, AfterValidator(_somebody)]

    @model_validator(mode="before")
    @classmethod
    def _never_a_bare_number(cls, raw: Any, info: ValidationInfo) -> Any:
        """Whose it is and when it ends is forgotten first, and asked about longest. Where it was
        accepted once it is nobody's, and has no end.
        """
        if isinstance(raw, int | float) and in_force_before(info):
            return {"factor": raw, "until": date.max, "owner": ""}
        if isinstance(raw, int | float):
            hint = f"e.g. `{{factor: {raw}, until: 2026-12-31, owner: marketing}}`"
            raise wrong("a lever needs its last day and who answers for it", hint)
        return raw


class Levers(Declared):
    """Multipliers in arbitration, for a while; each, and a product's with its domain's, is 0.1 to
    10.
    """

    product: dict[ProductName, TimedLever] = Field(default_factory=dict)
    domain: dict[DomainName, TimedLever] = Field(default_factory=dict)

    def of(self, product_id: str, domain: str) -> float:
        """How much a product is emphasised, as long as it lasts: see `terms.on_day`."""
        both = (self.product.get(product_id), self.domain.get(domain))
        return math.prod(lever.factor for lever in both if lever is not None)

    def on(self, day: date) -> Levers:
        """Those that have not ended by `day`."""
        kept = {
            kind: {name: one for name, one in levers.items() if day <= one.until}
            for kind, levers in (("product", self.product), ("domain", self.domain))
        }
        return self.model_copy(update=kept)


Temperature = Annotated[float, Field(gt=0, le=2)]


class Exploration(Declared):
    """How often another offer than the best is shown, to learn from it, by product type.

    `temperature` 0.1 gives an offer of half the best one's score a thousandth of its chance, 0.3 a
    tenth, 1 a half. Types that are not named are not explored, and regulated credit never is.
    Another `salt` throws the dice anew.
    """

    temperature: dict[ProductType, Temperature] = Field(default_factory=dict)
    salt: str = ""

    def of_type(self, product_type: str) -> float:
        return self.temperature.get(product_type, 0.0)


class Placement(Declared):
    """A place on a page: how many slots, how many of one life domain, and what always fits."""

    slots: int = Field(default=3, ge=1, le=20)
    max_per_domain: int = Field(default=2, ge=1)
    channels: tuple[Channel, ...] = Field(default=CHANNELS, min_length=1)
    fallback: tuple[ActionName, ...] = Field(min_length=1)
    weights: dict[DomainName, Lever] = Field(default_factory=dict)


def _three_capitals(code: str) -> str:
    if not re.fullmatch("[A-Z]{3}", code):
        raise wrong(f"{code!r} is no currency", "three capitals, e.g. EUR")
    return code


Currency = Annotated[str, AfterValidator(_three_capitals)]
"""An ISO 4217 code."""

ProductId = Annotated[str, identifier("policy", "placement")]
"""Rules are called `<product>.<rule>`, `policy.<rule>` or `placement.<rule>`."""


class Catalogue(Declared):
    """Everything people declare: the customer's world, products, rules, placements and texts."""

    name: str
    version: str
    currency: Currency
    languages: tuple[Id, ...] = Field(min_length=1)
    life_stage: tuple[FeatureName, ...] = ()
    interest: InterestDecay = InterestDecay()
    features: Features = Features()
    attributes: dict[AttributeId, Attribute] = Field(default_factory=dict)
    domains: dict[Id, Domain] = Field(min_length=1)
    rules: dict[Id, NamedRule] = Field(default_factory=dict)
    products: dict[ProductId, Product] = Field(min_length=1)
    policy_set: PolicySet = PolicySet()
    policies: tuple[Policy, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    contact: ContactPolicy = ContactPolicy()
    wishes: Wishes = Wishes()
    journey: JourneyPolicy = JourneyPolicy()
    levers: Levers = Levers()
    exploration: Exploration = Exploration()
    reasons: Reasons = Reasons()
    resume: Resume | None = None
    timezone: Zone = "UTC"
    alerts: dict[Id, AlertKind] = Field(default_factory=dict)
    push: Push = Push()
    actions: dict[Id, Action] = Field(default_factory=dict)
    placements: dict[Id, Placement] = Field(default_factory=dict)

    @cached_property
    def every_action(self) -> Mapping[str, Action]:
        """What is declared, and the reminder of each product's application."""
        if self.resume is None:
            return self.actions
        return self.actions | {
            reminder_of(name): self.resume.reminder(name, product)
            for name, product in self.products.items()
        }

    @cached_property
    def guidance(self) -> frozenset[str]:
        """The actions that compete with offers, and spend the budget as those do."""
        marketing = (name for name, one in self.actions.items() if one.purpose == "marketing")
        return frozenset(marketing)

    @cached_property
    def memory(self) -> Memory:
        """How long what has ended is remembered, for its rules to know of it."""
        return Memory.of(self)

    @cached_property
    def digest(self) -> str:
        """sha256 (hex) of what is declared; comments and layout of the file do not count."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @cached_property
    def declares(self) -> str:
        """A short digest of which values each attribute may have: state is read by it."""
        declared = {name: (item.type, item.values) for name, item in self.attributes.items()}
        return hashlib.blake2b(repr(sorted(declared.items())).encode(), digest_size=4).hexdigest()

    @cached_property
    def universe(self) -> Universe:
        """The values of each attribute that has finitely many."""
        return {
            name: item.values or (False, True)
            for name, item in self.attributes.items()
            if item.type != "integer"
        }

    @property
    def model_attributes(self) -> Mapping[str, Attribute]:
        return {name: item for name, item in self.attributes.items() if "model" in item.uses}
