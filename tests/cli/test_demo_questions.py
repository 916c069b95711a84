"""The demo's questions notice a wrong answer; an answer that is right passes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cli.bank import catalogue_file
from cli.demo.questions import (
    all_slots,
    nothing_that_costs_money,
    open_to,
    readme_questions,
    ruled_out,
)
from recommender.catalogue import Catalogue, parse_catalogue


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    path = catalogue_file()
    return parse_catalogue(path.read_text(encoding="utf-8"), path.name)


def shown(*product_ids: str | None) -> Mapping[str, Any]:
    return {
        "recommendations": [{"product_id": product, "kind": "offer"} for product in product_ids]
    }


def withheld(product_id: str, stage: str, rule: str) -> Mapping[str, Any]:
    return {"withheld": [{"product_id": product_id, "stage": stage, "rule": rule}]}


@pytest.mark.parametrize(("count", "right"), [(2, False), (3, True), (4, False)])
def test_one_slot_too_few_or_too_many_is_noticed(
    catalogue: Catalogue, count: int, *, right: bool
) -> None:
    _, holds = all_slots(catalogue)
    assert holds(shown(*["savings_account"] * count)) is right


def test_what_costs_money_is_noticed_and_advice_without_a_product_does_not(
    catalogue: Catalogue,
) -> None:
    _, holds = nothing_that_costs_money(catalogue)
    assert not holds(shown("savings_account", "overdraft"))
    assert not holds(shown("savings_account", "bike_insurance"))
    assert holds(shown("savings_account", None))


def test_a_product_is_ruled_out_by_the_rule_that_was_expected_only() -> None:
    _, holds = ruled_out("mortgage", "needs_income")
    assert holds(withheld("mortgage", "eligible", "mortgage.needs_income"))
    assert not holds(withheld("mortgage", "eligible", "mortgage.adult"))
    assert not holds({"withheld": []})


def test_a_product_that_lost_to_better_ones_is_open_and_one_that_a_rule_withheld_is_not() -> None:
    _, holds = open_to("annuity")
    assert holds({"withheld": []})
    assert holds(withheld("annuity", "slotted", "slots"))
    assert not holds(withheld("annuity", "eligible", "annuity.near_retirement"))


def test_every_rule_that_a_question_names_is_in_the_catalogue(catalogue: Catalogue) -> None:
    named = {
        words.partition(" withholds it")[0]
        for question in readme_questions(catalogue)
        for words, _ in question.expected
        if words.endswith(" withholds it")
    }
    declared = {
        f"{name}.{rule.id}"
        for name, product in catalogue.products.items()
        for rule in (*product.eligible, *product.suitable)
    }
    assert named
    assert named <= declared
