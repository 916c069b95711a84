"""A product that nobody can ever get is refused; one that somebody can get never is."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.catalogue import Catalogue, Rule, with_policies
from recommender.catalogue.possibility import nobody_ever
from recommender.errors import CatalogueError
from recommender.rules import compile_condition
from tests.recommender.bank import CATALOGUE_FILE, bank
from tests.recommender.rules.small_world import EVERYBODY, small
from tests.recommender.rules.test_conditions import parsed

TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")


def selling_only(product_id: str, rules: list[dict[str, Any]]) -> Catalogue:
    """The demo bank with one product, which asks for nothing but these rules."""
    eligible = tuple(
        Rule.model_construct(id=f"r{number}", when=parsed(written))
        for number, written in enumerate(rules)
    )
    changed = {"eligible": eligible, "suitable": ()}
    product = bank().products[product_id].model_copy(update=changed)
    return bank().model_copy(update={"products": {product_id: product}, "policies": ()})


@given(st.sampled_from(["savings_account", "car_loan"]), st.lists(small, min_size=1, max_size=4))
@settings(max_examples=300)
def test_what_somebody_can_get_is_never_refused(
    product_id: str, written: list[dict[str, Any]]
) -> None:
    catalogue = selling_only(product_id, written)
    rules = [compile_condition(rule.when) for rule in catalogue.products[product_id].eligible]
    repeatable = catalogue.products[product_id].repeatable
    takers = [
        facts
        for facts in EVERYBODY
        if all(rule(facts) is True for rule in rules)
        and (repeatable or product_id not in facts.holds)
    ]
    if takers:
        assert list(nobody_ever(catalogue)) == []


@given(st.lists(small, min_size=2, max_size=4))
@settings(max_examples=300)
def test_no_rule_is_blamed_that_has_no_part_in_it(written: list[dict[str, Any]]) -> None:
    for mistake in nobody_ever(selling_only("car_loan", written)):
        said = mistake.message.partition(": ")[2]
        blamed = [number for number in range(len(written)) if f"car_loan.r{number} " in said]
        for one in blamed:
            fewer = [written[number] for number in blamed if number != one]
            assert not fewer or list(nobody_ever(selling_only("car_loan", fewer))) == []


def refused(policies: str) -> str:
    with pytest.raises(CatalogueError) as caught:
        with_policies(TEXT, policies, "new.yaml", "c.yaml")
    (problem,) = caught.value.problems
    return str(problem)


def policy(product_id: str, when: str, term: str = "") -> str:
    applies = f"applies_to: {{products: [{product_id}]}}"
    return f"policies:\n  - {{id: new, stage: eligible, {applies}, when: {when}{term}}}\n"


@pytest.mark.parametrize(
    ("product_id", "when", "rule"),
    [
        ("current_account", "{age: {below: 18}}", "current_account.adult"),
        ("student_account", "{age: {at_least: 31}}", "student_account.up_to_30"),
        ("building_insurance", "{housing: {not_in: [owns]}}", "building_insurance.owns_home"),
        ("term_deposit", "{not: {holds_in: saving}}", "term_deposit.has_buffer"),
        ("investment_account", "{held_before: savings_account}", None),
        ("kids_account", "{not: {children: {between: [0, 20]}}}", None),
        ("savings_account", "{holds: savings_account}", "savings_account.already_held"),
        (
            "payment_terminal",
            "{any: [{occupation: {is: student}}, {held_before: business_account}]}",
            "payment_terminal.own_business and payment_terminal.banks_here",
        ),
    ],
)
def test_a_policy_against_a_products_own_rules_is_told_with_both(
    product_id: str, when: str, rule: str | None
) -> None:
    if rule is None:
        assert with_policies(TEXT, policy(product_id, when)).policies
    else:
        what = f"nobody can ever get {product_id!r}: {rule} and policy.new contradict each other"
        assert refused(policy(product_id, when)).startswith(f"new.yaml:2 policies[0]: {what}")


def test_a_rule_can_contradict_itself() -> None:
    never = "{all: [{age: {at_least: 18}}, {age: {below: 18}}]}"
    assert "'savings_account': policy.new contradicts itself" in refused(
        policy("savings_account", never)
    )


def test_rules_that_close_many_products_are_told_once() -> None:
    never = "{all: [{age: {at_least: 18}}, {age: {below: 18}}]}"
    closed = policy("savings_account", never).replace(
        "products: [savings_account]", "types: [savings]"
    )
    assert "get 'savings_account' nor 2 other products: policy.new contradicts" in refused(closed)


@pytest.mark.parametrize("term", [", valid_to: 2026-12-31", ", valid_from: 2026-12-31"])
def test_what_ends_makes_nothing_impossible_for_ever(term: str) -> None:
    assert with_policies(TEXT, policy("current_account", "{age: {below: 18}}", term)).policies


def test_forty_products_and_a_hundred_and_twenty_rules_take_no_time() -> None:
    products = list(bank().products)
    policies = "policies:\n" + "".join(
        f"  - {{id: p{n}, stage: suitable, applies_to: {{products: [{products[n % 38]}]}}, when: "
        f"{{any: [{{age: {{at_least: {n % 60}}}}}, {{holds: mortgage}}, "
        f"{{interest: {{domain: housing, at_least: high}}}}]}}}}\n"
        for n in range(1, 121)
    )
    catalogue = with_policies(TEXT, policies)
    begun = time.process_time()
    assert list(nobody_ever(catalogue)) == []
    assert time.process_time() - begun < 0.5
