"""The hard stages of `decide`: what they remove, nothing later brings back."""

from recommender.funnel.candidates import Candidate, CareAction, Funnel
from recommender.funnel.contact import ContactState, contact_state

__all__ = ["Candidate", "CareAction", "ContactState", "Funnel", "contact_state"]
