"""The hard stages of `decide`: what they remove, nothing later brings back."""

from recommender.funnel.candidates import (
    DOMAIN_CAP,
    FULL,
    NEAR_IDENTICAL,
    Candidate,
)
from recommender.funnel.care import CareAction
from recommender.funnel.contact import ContactState, contact_state
from recommender.funnel.funnel import Funnel, rules_out

__all__ = [
    "DOMAIN_CAP",
    "FULL",
    "NEAR_IDENTICAL",
    "Candidate",
    "CareAction",
    "ContactState",
    "Funnel",
    "contact_state",
    "rules_out",
]
