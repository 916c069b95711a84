"""The demo bank with policies about what is over."""

from __future__ import annotations

from functools import lru_cache

from recommender.catalogue import Catalogue, with_policies
from tests.recommender.bank import CATALOGUE_FILE

POLICIES = """
policies:
  - {id: p1, stage: eligible, applies_to: all, when: {not: {held_before: car_loan}}}
  - {id: p2, stage: eligible, applies_to: all,
     when: {not: {days_since: {closed: mortgage, below: 90}}}}
  - {id: p3, stage: eligible, applies_to: all,
     when: {not: {days_since: {opened: credit_card, between: [10, 40]}}}}
  - {id: p4, stage: eligible, applies_to: all,
     when: {not: {days_since: {case_closed: complaint, below: 60}}}}
  - {id: p5, stage: eligible, applies_to: all,
     when: {not: {days_since: {case_opened: complaint, between: [5, 100]}}}}
  - {id: p6, stage: eligible, applies_to: all,
     when: {not: {days_since: {contact: true, below: 120}}}}
  - {id: p7, stage: eligible, applies_to: all,
     when: {not: {days_since: {case_closed: order, at_least: 200}}}}
"""


@lru_cache
def looking_back() -> Catalogue:
    return with_policies(CATALOGUE_FILE.read_text(encoding="utf-8"), POLICIES)
