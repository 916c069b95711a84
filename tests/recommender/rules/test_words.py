"""Every rule can say why it failed, to the person it is about."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.rules import Facts, why_not
from tests.recommender.bank import bank
from tests.recommender.rules.test_conditions import parsed
from tests.recommender.rules.written import conditions, situations


@given(conditions, situations, st.sampled_from(["en", "nl"]))
def test_every_condition_has_words_in_every_language(
    written: dict[str, Any], facts: Facts, language: str
) -> None:
    said = why_not(parsed(written), facts, language, bank())
    assert said.endswith(".")
    for leak in ("_", "{", "}", "None", "True", "False", "Operator", "frozenset"):
        assert leak not in said


def situation(**values: object) -> Facts:
    return Facts(
        values=values,
        holds=frozenset(),
        domain_interest={},
        product_interest={},
        open_cases=frozenset(),
        projected_shortfall=None,
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "This is for people with: age from 18 (yours: 16)."),
        ("nl", "Dit is voor mensen met: leeftijd vanaf 18 (bij u: 16)."),
    ],
)
def test_only_the_part_that_failed_is_named(language: str, said: str) -> None:
    condition = parsed({"all": [{"occupation": {"is": "student"}}, {"age": {"at_least": 18}}]})
    facts = situation(occupation="student", age=16)
    assert why_not(condition, facts, language, bank()) == said


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    said = why_not(parsed({"income_band": {"in": ["low", "high"]}}), situation(), "en", bank())
    assert (
        said == "We do not know enough about you for this, which is for people with: "
        "income: low or high."
    )
