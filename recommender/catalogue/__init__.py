"""The catalogue: what people declare, read with every mistake reported at once."""

from recommender.catalogue.alerts import AlertKind
from recommender.catalogue.attributes import Attribute
from recommender.catalogue.base import CHANNELS, Channel
from recommender.catalogue.products import Product, Term
from recommender.catalogue.reading import Problem, parse_catalogue
from recommender.catalogue.rule import Policy, Rule
from recommender.catalogue.schema import (
    Action,
    Catalogue,
    ContactPolicy,
    Domain,
    Features,
    IntegerBins,
    InterestDecay,
    Placement,
)

__all__ = [
    "CHANNELS",
    "Action",
    "AlertKind",
    "Attribute",
    "Catalogue",
    "Channel",
    "ContactPolicy",
    "Domain",
    "Features",
    "IntegerBins",
    "InterestDecay",
    "Placement",
    "Policy",
    "Problem",
    "Product",
    "Rule",
    "Term",
    "parse_catalogue",
]
