"""The catalogue: what people declare, read with every mistake reported at once."""

from recommender.catalogue.actions import Action, reminder_of
from recommender.catalogue.alerts import AlertKind
from recommender.catalogue.attributes import Attribute
from recommender.catalogue.base import CHANNELS, Channel
from recommender.catalogue.contact import Cap, ContactPolicy, Wishes
from recommender.catalogue.memory import Memory
from recommender.catalogue.products import Person, Product, Term
from recommender.catalogue.reading import joined, parse_catalogue, read_again, with_policies
from recommender.catalogue.rule import Policy, PolicySet, Rule
from recommender.catalogue.schema import (
    Catalogue,
    Domain,
    Features,
    IntegerBins,
    InterestDecay,
    Placement,
)
from recommender.catalogue.sources import Problem

__all__ = [
    "CHANNELS",
    "Action",
    "AlertKind",
    "Attribute",
    "Cap",
    "Catalogue",
    "Channel",
    "ContactPolicy",
    "Domain",
    "Features",
    "IntegerBins",
    "InterestDecay",
    "Memory",
    "Person",
    "Placement",
    "Policy",
    "PolicySet",
    "Problem",
    "Product",
    "Rule",
    "Term",
    "Wishes",
    "joined",
    "parse_catalogue",
    "read_again",
    "reminder_of",
    "with_policies",
]
