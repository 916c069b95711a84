"""The hard stages of `decide`: what they remove, nothing later brings back."""

from recommender.funnel.candidates import Candidate, Funnel, Policy
from recommender.funnel.contact import ContactState, contact_state

__all__ = ["Candidate", "ContactState", "Funnel", "Policy", "contact_state"]
