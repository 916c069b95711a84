"""How long what has ended is remembered follows from whatever the catalogue asks, anywhere."""

from __future__ import annotations

import math

import pytest

from recommender.catalogue import with_policies
from recommender.rules.conditions import Happening
from tests.recommender.bank import CATALOGUE_FILE, bank

TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")

POLICY = "policies: [{{id: p, stage: eligible, applies_to: all, when: {when}}}]"
ASSERTION = "assertions: [{{never: {{product: mortgage, when: {when}}}}}]"
NAMED = (
    "rules: {{it: {{when: {when}}}}}\n"
    "policies: [{{id: p, stage: eligible, applies_to: all, when: {{rule: it}}}}]"
)


@pytest.mark.parametrize("place", [POLICY, ASSERTION, NAMED])
@pytest.mark.parametrize(
    ("when", "happening", "subject", "days"),
    [
        ("{held_before: car_loan}", Happening.CLOSED, "car_loan", math.inf),
        ("{not: {held_before: car_loan}}", Happening.CLOSED, "car_loan", math.inf),
        ("{days_since: {closed: car_loan, below: 90}}", Happening.CLOSED, "car_loan", 90),
        ("{days_since: {opened: car_loan, at_least: 9}}", Happening.OPENED, "car_loan", math.inf),
        (
            "{any: [{days_since: {contact: true, between: [5, 40]}}, {held_before: car_loan}]}",
            Happening.CONTACT,
            "",
            40,
        ),
    ],
)
def test_it_reaches_as_far_as_a_condition_looks(
    place: str, when: str, happening: Happening, subject: str, days: float
) -> None:
    memory = with_policies(TEXT, place.format(when=when)).memory
    assert memory.reach(happening, subject) == days


def test_of_two_that_look_back_the_further_counts() -> None:
    policies = """
policies:
  - {id: p, stage: eligible, applies_to: all, when: {days_since: {closed: car_loan, below: 90}}}
  - {id: q, stage: suitable, applies_to: all, when: {days_since: {closed: car_loan, below: 9}}}
"""
    assert with_policies(TEXT, policies).memory.reach(Happening.CLOSED, "car_loan") == 90


def test_nobody_asks_is_less_than_today() -> None:
    assert bank().memory.reach(Happening.CLOSED, "car_loan") < 0
