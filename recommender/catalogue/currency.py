"""What is no longer, or not yet, to be put in force on a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from recommender.catalogue.schema import Catalogue
from recommender.rules.names import Mistake


def out_of_date(catalogue: Catalogue, on: date) -> Iterator[Mistake]:
    """Why the policy set cannot be put in force on that day: with it nothing could be offered."""
    policies = catalogue.policy_set
    since, last = policies.valid_from, policies.valid_to
    if last is not None and last < on:
        message = f"this policy set ended on {last}"
        yield Mistake(("policy_set", "valid_to"), message, "look it over, and give it a later day")
    if since is not None and since > on:
        message = f"this policy set begins on {since}"
        yield Mistake(("policy_set", "valid_from"), message, "put it in force on that day")
