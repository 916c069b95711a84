"""Assertions asked of the people who are about to be written."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.account import Account, Case, Consent
from recommender.catalogue import with_policies
from service.errors import PublishError
from service.publish import check_assertions
from tests.recommender.accounts import AT
from tests.recommender.bank import CATALOGUE_FILE, live_of
from tests.service.bank import person

WRONG = live_of(
    with_policies(
        CATALOGUE_FILE.read_text(encoding="utf-8"),
        """
assertions:
  - never: {product: current_account, when: {age: {below: 21}}}
  - always: {product: savings_account, when: {occupation: {is: employed}}}
  - never: {product: mortgage, when: {age: {below: 18}}}
""",
    )
)
"""Read without a day: nobody has looked yet whether these are true."""


def young(account_id: str, **changes: object) -> Account:
    return person(account_id, birth_date=date(2008, 5, 1), holdings=(), **changes)


def test_whoever_disproves_an_assertion_is_named_with_what_of_them_matters() -> None:
    upset = person("upset", cases=(Case("c", "complaint", "open", AT),))
    with pytest.raises(PublishError) as caught:
        check_assertions([person("fine"), young("young"), upset], WRONG, AT)
    savings, mine, last = str(caught.value).splitlines()
    who = "for somebody of whom we know"
    assert savings == (
        "assertions[0].never: account young: product 'current_account' is possible "
        f"{who}: age 18, occupation employed"
    )
    assert mine == (
        "assertions[1].always: account upset: product 'savings_account' is not possible "
        f"{who}: open_case complaint, occupation employed"
    )
    assert last == "nothing was written"


def test_people_are_looked_at_as_a_decision_sees_them() -> None:
    """Without consent to personalise nothing is known of an age or a job."""
    check_assertions([young("private", consent=Consent(marketing=True))], WRONG, AT)


def test_everybody_is_counted_and_nobody_stops_a_true_assertion() -> None:
    counted: list[int] = []
    check_assertions([person("a"), person("b")], WRONG, AT, counted.append)
    assert counted == [1, 1]
