"""Every example in docs/policies.md is one that Raak takes, and says what the page says."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
import yaml

from recommender.catalogue import parse_catalogue, with_policies
from recommender.catalogue.sources import POLICY_KEYS
from recommender.errors import CatalogueError
from recommender.request import Request
from recommender.rules.conditions import JOURNEY_STAGES, Happening
from recommender.rules.parse import FORMS, OPERATORS, parse_condition
from tests.recommender.accounts import AT
from tests.recommender.bank import CATALOGUE_FILE, bank
from tests.recommender.rules.test_conditions import DOMAIN_OF, LEVELS, NAMES
from tests.recommender.rules.test_nearest import withheld
from tests.recommender.test_decide import STUDENT

PAGE = (Path(__file__).parents[2] / "docs" / "policies.md").read_text(encoding="utf-8")
TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
NAMED = {"adult": next(iter(bank().policies)).when}


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_policy_file(example: str) -> None:
    declared = with_policies(TEXT, example, "docs/policies.md")
    assert set(yaml.safe_load(example)) <= set(POLICY_KEYS)
    assert declared.digest != bank().digest


def test_an_example_with_days_can_be_put_in_force_within_them() -> None:
    (dated,) = [example for example in EXAMPLES if "policy_set" in example]
    assertions = f"{dated}assertions: []\n"
    assert with_policies(TEXT, assertions, on=date(2026, 12, 1)).policy_set.version == "2026-12"
    with pytest.raises(CatalogueError, match="begins on 2026-12-01"):
        with_policies(TEXT, assertions, on=date(2026, 11, 30))


def test_every_whole_condition_of_the_table_is_one() -> None:
    table = PAGE.partition("## Conditions")[2].partition("Days are counted")[0]
    written = [yaml.safe_load(one) for one in re.findall(r"`(\{[^`]*\})`", table)]
    whole = [
        one for one in written if not set(one) & set(OPERATORS) and ["..."] not in one.values()
    ]
    assert len(whole) >= 14
    for condition in whole:
        if ["a", "b"] not in condition.values() and condition != {"not": {"...": None}}:
            parse_condition(condition, NAMES, LEVELS, DOMAIN_OF, NAMED)


def test_no_kind_of_condition_is_left_out() -> None:
    assert [form for form in FORMS if f"{form}:" not in PAGE] == []
    assert [one for one in Happening if f"`{one}" not in PAGE and f"{one}:" not in PAGE] == []
    assert ", ".join(JOURNEY_STAGES) in PAGE
    assert [key for key in POLICY_KEYS if f"`{key}`" not in PAGE] == []


@pytest.mark.parametrize(
    "policies",
    [
        "assertions:\n  - never: {product: current_account, when: {age: {below: 21}}}\n",
        (
            "policies:\n  - {id: minors, stage: eligible, applies_to: {products: [mortgage]}, "
            "when: {age: {below: 18}}}\nassertions: []\n"
        ),
    ],
)
def test_what_is_told_of_a_mistake_is_what_the_page_says(policies: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        with_policies(TEXT, policies, "new.yaml", on=AT.date())
    assert f"    {caught.value}\n" in PAGE


def test_what_people_are_told_is_what_the_page_says() -> None:
    minor = msgspec.structs.replace(STUDENT, birth_date=date(2009, 3, 12))
    (mortgage,) = [one for one in withheld(minor, Request(AT)) if one.product_id == "mortgage"]
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert msgspec.json.decode(example) == msgspec.to_builtins(mortgage)


def test_the_demo_banks_assertions_are_true_today_and_next_year() -> None:
    assert bank().assertions
    for day in (AT.date(), AT.date() + timedelta(365)):
        assert parse_catalogue(TEXT, on=day).assertions == bank().assertions
