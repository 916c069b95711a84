"""The demo bank's catalogue: sensible as a real bank's would be, and complete."""

from __future__ import annotations

import pytest

from recommender.rules import Facts, compile_condition, in_words, why_not
from tests.recommender.bank import bank


def person(*held: str, **values: object) -> Facts:
    return Facts(
        values=values,
        holds=frozenset(held),
        domain_interest={},
        product_interest={},
        open_cases=frozenset(),
        projected_shortfall=False,
    )


def fitting(facts: Facts) -> set[str]:
    """The products whose own rules and policies all pass."""
    catalogue = bank()
    return {
        name
        for name, product in catalogue.products.items()
        if all(
            compile_condition(rule.when)(facts) is True
            for rule in (
                *product.eligible,
                *product.suitable,
                *(p for p in catalogue.policies if p.covers(name, product.domain, product.type)),
            )
        )
    }


CREDIT = {name for name, product in bank().products.items() if product.regulated_credit}
AT_WORK = {name for name, product in bank().products.items() if product.domain == "work"}
STUDENT = person(
    "student_account",
    age=18,
    occupation="student",
    household="with_parents",
    housing="with_parents",
    income_band="none",
    children=0,
    has_car=False,
    tenure_years=0,
)


def test_there_is_a_product_for_every_domain_and_three_are_partners() -> None:
    catalogue = bank()
    assert len(catalogue.products) == 38
    assert len(catalogue.domains) == 8
    assert {product.domain for product in catalogue.products.values()} == set(catalogue.domains)
    assert sum(product.partner is not None for product in catalogue.products.values()) == 3
    assert all(0.8 <= product.value <= 1.5 for product in catalogue.products.values())


def test_credit_is_flagged_as_regulated_and_asks_for_an_adult_with_an_income() -> None:
    for name, product in bank().products.items():
        assert (product.type == "credit") == product.regulated_credit, name
        if product.regulated_credit:
            assert {"adult", "needs_income"} <= {rule.id for rule in product.eligible}, name


def test_a_student_of_18_can_save_but_not_borrow() -> None:
    fits = fitting(STUDENT)
    assert {"savings_account", "saving_goal", "student_insurance", "travel_insurance"} <= fits
    assert not fits & CREDIT
    assert not fits & AT_WORK
    assert not fits & {"kids_savings", "kids_account", "pension_plan", "joint_account", "annuity"}


def test_a_family_is_offered_what_families_need() -> None:
    parents = {"age": 38, "occupation": "employed", "household": "family", "housing": "owns"}
    fits = fitting(person(**parents, income_band="middle", children=2, has_car=True))
    assert {"kids_savings", "kids_account", "joint_account", "life_insurance", "mortgage"} <= fits
    assert not fits & {"student_account", "student_insurance", *AT_WORK - {"disability_insurance"}}


def test_only_who_runs_a_business_is_offered_what_a_business_needs() -> None:
    assert "business_account" in fitting(person(age=40, occupation="self_employed"))
    assert "business_account" not in fitting(person(age=40, occupation="employed"))


def test_of_whom_nothing_is_known_nothing_is_assumed() -> None:
    assert not fitting(person()) & (CREDIT | AT_WORK | {"kids_account", "pension_plan"})


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_rule_of_the_bank_can_be_read_and_says_why_it_stopped_a_stranger(
    language: str,
) -> None:
    catalogue = bank()
    rules = [
        rule
        for product in catalogue.products.values()
        for rule in (*product.eligible, *product.suitable)
    ]
    for rule in (*rules, *catalogue.policies):
        assert in_words(rule.when, language, catalogue)
        assert why_not(rule.when, person(), language, catalogue).endswith(".")
