"""Assertions: true of everybody there could be, or refused with the least of somebody."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.account import Account
from recommender.catalogue import Catalogue, with_policies
from recommender.catalogue.assertions import Assertion, Claim
from recommender.catalogue.proof import trials, untrue
from recommender.errors import CatalogueError
from recommender.rules import Facts, compile_condition
from recommender.situation import facts_at
from tests.recommender.accounts import AT, DAYS, accounts
from tests.recommender.bank import CATALOGUE_FILE
from tests.recommender.catalogue.test_possibility import selling_only
from tests.recommender.rules.small_world import EVERYBODY, small
from tests.recommender.rules.test_conditions import parsed

TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")
DAY = date(2026, 11, 26)


def asserting(catalogue: Catalogue, when: dict[str, Any], *, never: bool) -> Catalogue:
    (product_id,) = catalogue.products
    claim = Claim.model_construct(product=product_id, when=parsed(when))
    assertion = Assertion.model_construct(
        never=claim if never else None, always=None if never else claim
    )
    return catalogue.model_copy(update={"assertions": (assertion,)})


@given(st.lists(small, max_size=3), small, st.booleans())
@settings(max_examples=300)
def test_what_is_not_true_of_everybody_in_a_small_world_is_refused(
    rules: list[dict[str, Any]], when: dict[str, Any], never: bool
) -> None:
    catalogue = asserting(selling_only("savings_account", rules), when, never=never)
    asked = [compile_condition(parsed(rule)) for rule in rules]
    claimed = compile_condition(parsed(when))

    def disproves(facts: Facts) -> bool:
        if "savings_account" in facts.holds or claimed(facts) is not True:
            return False
        return all(ask(facts) is True for ask in asked) is never

    (trial,) = trials(catalogue)
    for facts in EVERYBODY:
        assert trial.disproved_by(facts) is disproves(facts)
    if any(map(disproves, EVERYBODY)):
        assert list(untrue(catalogue, DAY))


def refused(assertions: str, more: str = "", on: date = DAY) -> str:
    with pytest.raises(CatalogueError) as caught:
        with_policies(TEXT, f"assertions:\n  - {assertions}\n{more}", "new.yaml", "c.yaml", on)
    (problem,) = caught.value.problems
    return str(problem)


@pytest.mark.parametrize(
    "assertion",
    [
        "never: {product: mortgage, when: {age: {below: 18}}}",
        "never: {type: credit, when: {projected_shortfall: true}}",
        "never: {type: credit, when: {income_band: {is: none}}}",
        "never: {domain: family, when: {open_case: complaint}}",
        "never: {product: savings_account, when: {holds: savings_account}}",
        "never: {action: complaint_status, when: {not: {open_case: complaint}}}",
        "always: {action: complaint_status, when: {open_case: complaint}}",
        "always: {action: preferences, when: {open_case: complaint}}",
        (
            "always: {product: savings_account, when: {not: {any: [{open_case: complaint},"
            " {broken_promise: true}, {dissatisfied: {below: 40, days: 30}}]}}}"
        ),
    ],
)
def test_what_is_so_is_accepted(assertion: str) -> None:
    assert with_policies(TEXT, f"assertions:\n  - {assertion}\n", on=DAY).assertions


@pytest.mark.parametrize(
    ("assertion", "said", "least"),
    [
        (
            "never: {product: current_account, when: {age: {below: 21}}}",
            "never: product 'current_account' is possible",
            "age 18, occupation employed",
        ),
        (
            "always: {product: student_account, when: {occupation: {is: student}}}",
            "always: product 'student_account' is not possible",
            "occupation student; student_account.up_to_30 does not pass",
        ),
        (
            "never: {action: safe_banking, when: {age: {below: 18}}}",
            "never: action 'safe_banking' is possible",
            "age 17",
        ),
        (
            "always: {action: bridge_the_gap, when: {projected_balance: {below: 0}}}",
            "always: action 'bridge_the_gap' is not possible",
            "projected_balance -1; bridge_the_gap does not pass",
        ),
    ],
)
def test_what_is_not_so_is_told_with_the_least_of_somebody(
    assertion: str, said: str, least: str
) -> None:
    who = f"for somebody of whom we know: {least}"
    assert refused(assertion) == f"new.yaml:2 assertions[0].{said} {who}"


@pytest.mark.parametrize(
    ("assertion", "said"),
    [
        ("never: {product: mortage, when: {age: {below: 18}}}", "did you mean 'mortgage'?"),
        ("never: {when: {age: {below: 18}}}", "about one product, type, domain or action"),
        ("{}", "an assertion says either `never` or `always`"),
        ("newer: {product: mortgage, when: {age: {below: 18}}}", "did you mean 'never'?"),
    ],
)
def test_an_assertion_that_says_nothing_is_refused(assertion: str, said: str) -> None:
    assert said in refused(assertion)


NO_MINORS = (
    "policies: [{id: adults, stage: eligible, applies_to: all, when: {age: {at_least: 18}}, %s}]"
)
NEVER = "never: {product: savings_account, when: {age: {below: 18}}}"


@pytest.mark.parametrize(
    ("term", "on", "holds"),
    [
        ("valid_from: 2020-01-01", DAY, True),
        ("valid_to: 2027-12-31", DAY, False),
        ("valid_from: 2026-12-01", DAY, False),
        ("valid_from: 2026-12-01", date(2026, 12, 1), True),
    ],
)
def test_an_assertion_holds_from_the_day_that_it_is_put_in_force_on(
    term: str, on: date, holds: bool
) -> None:
    policies = NO_MINORS % term
    if holds:
        with_policies(TEXT, f"assertions: [{NEVER}]\n{policies}", on=on)
    else:
        assert "is possible for somebody of whom we know: age 17" in refused(NEVER, policies, on)


MINORS = with_policies(TEXT, f"assertions:\n  - {NEVER}\n")


@given(accounts)
def test_somebody_real_disproves_it_with_nothing_but_what_matters(account: Account) -> None:
    (trial,) = trials(MINORS)
    facts = facts_at(account, AT, DAYS, 7)
    if trial.disproved_by(facts):
        said = trial.disproof(facts, MINORS.universe).message
        age = facts.values["age"]
        assert said.endswith(f"is possible for somebody of whom we know: age {age}")
