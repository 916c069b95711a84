"""The catalogue as people write it: frozen, every key declared, every name checked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from recommender.catalogue.alerts import AlertKind, Push, Zone
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
    identifier,
)
from recommender.catalogue.mistakes import unknown, wrong
from recommender.catalogue.products import Product
from recommender.catalogue.rule import Policy, When
from recommender.catalogue.texts import Text, Url, filled_with
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


TitledText = Annotated[Text, filled_with("title")]


class Reasons(Declared):
    """Sentences for what the model saw; `{title}` is the product's or the domain's."""

    holds: TitledText = Field(default_factory=dict)
    interest: TitledText = Field(default_factory=dict)
    views: TitledText = Field(default_factory=dict)


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


class Levers(Declared):
    """Bounded multipliers in arbitration."""

    product: dict[ProductName, Lever] = Field(default_factory=dict)
    domain: dict[DomainName, Lever] = Field(default_factory=dict)


class Action(Declared):
    """A service message or advice. Without `when` it is always possible: a fallback."""

    kind: Literal["service", "advice"]
    domain: DomainName
    title: Text
    message: Text
    url: Url
    when: When | None = None
    priority: int = 0
    channels: tuple[Channel, ...] = Field(default=CHANNELS, min_length=1)


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
    products: dict[ProductId, Product] = Field(min_length=1)
    policies: tuple[Policy, ...] = ()
    contact: ContactPolicy = ContactPolicy()
    levers: Levers = Levers()
    reasons: Reasons = Reasons()
    timezone: Zone = "UTC"
    alerts: dict[Id, AlertKind] = Field(default_factory=dict)
    push: Push = Push()
    actions: dict[Id, Action] = Field(default_factory=dict)
    placements: dict[Id, Placement] = Field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """sha256 (hex) of what is declared; comments and layout of the file do not count."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @cached_property
    def declares(self) -> str:
        """A short digest of which values each attribute may have: state is read by it."""
        declared = {name: (item.type, item.values) for name, item in self.attributes.items()}
        return hashlib.blake2b(repr(sorted(declared.items())).encode(), digest_size=4).hexdigest()

    @property
    def model_attributes(self) -> Mapping[str, Attribute]:
        return {name: item for name, item in self.attributes.items() if "model" in item.uses}
