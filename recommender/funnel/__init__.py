"""The hard stages of `decide`: what they remove, nothing later brings back."""

from recommender.funnel.candidates import (
    DOMAIN_CAP,
    FULL,
    NEAR_IDENTICAL,
    Candidate,
    CareAction,
    Funnel,
)
from recommender.funnel.contact import ContactState, contact_state

__all__ = [
    "DOMAIN_CAP",
    "FULL",
    "NEAR_IDENTICAL",
    "Candidate",
    "CareAction",
    "ContactState",
    "Funnel",
    "contact_state",
]
