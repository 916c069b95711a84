"""Every rule can say what it asks for and why it failed, to the person it is about."""

from __future__ import annotations

from string import Formatter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.rules import Facts, compile_condition, in_words, why_not
from recommender.rules.normal_form import normal_form
from recommender.rules.phrases import PHRASES
from tests.recommender.bank import bank
from tests.recommender.rules.test_conditions import parsed
from tests.recommender.rules.written import ATTRIBUTES, conditions, situations

languages = st.sampled_from(["en", "nl"])
LEAKS = ("_", "{", "}", "None", "True", "False", "Operator", "frozenset", "  ", "..")


def placeholders(phrase: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(phrase) if name}


@given(conditions, situations, languages)
def test_every_condition_has_words_in_every_language(
    written: dict[str, Any], facts: Facts, language: str
) -> None:
    condition = parsed(written)
    said = why_not(condition, facts, language, bank())
    asked = in_words(condition, language, bank())
    assert asked
    assert said.endswith(".")
    assert not [leak for leak in LEAKS if leak in said + asked]


@given(conditions, situations)
def test_a_normal_form_answers_as_the_original(written: dict[str, Any], facts: Facts) -> None:
    condition = parsed(written)
    ask, ask_normal = compile_condition(condition), compile_condition(normal_form(condition))
    assert ask(facts) is ask_normal(facts)


@given(conditions)
def test_a_double_denial_is_said_as_the_thing_itself(written: dict[str, Any]) -> None:
    twice = {"not": {"not": written}}
    assert in_words(parsed(twice), "en", bank()) == in_words(parsed(written), "en", bank())


@given(conditions, situations)
def test_dutch_is_not_english(written: dict[str, Any], facts: Facts) -> None:
    condition = parsed(written)
    en, nl = (why_not(condition, facts, language, bank()) for language in ("en", "nl"))
    assert en != nl


@pytest.mark.parametrize("language", sorted(PHRASES))
def test_every_language_has_the_same_phrases_with_the_same_placeholders(language: str) -> None:
    for key, phrase in PHRASES["en"].items():
        assert placeholders(PHRASES[language][key]) == placeholders(phrase), key
    assert set(PHRASES[language]) == set(PHRASES["en"])


def test_every_attribute_that_rules_use_has_a_name_in_every_language() -> None:
    for attribute in ATTRIBUTES.values():
        assert set(attribute.label) == set(bank().languages)


def situation(*held: str, case: str | None = None, **values: object) -> Facts:
    shortfall = values.pop("shortfall", None)
    assert isinstance(shortfall, bool | None)
    return Facts(
        values=values,
        holds=frozenset(held),
        domain_interest={"housing": 3.0},
        product_interest={},
        open_cases=frozenset([case] if case else []),
        projected_shortfall=shortfall,
    )


SIXTEEN = situation(age=16)
COMPLAINT, SHORT = situation(case="complaint"), situation(shortfall=True)
STUDENT = situation("savings_account", occupation="student", income_band="none", children=0)
RETIRED = situation(occupation="retired")
HOUSING = {"interest": {"domain": "housing", "at_least": "high"}}


@pytest.mark.parametrize(
    ("written", "facts", "en", "nl"),
    [
        (
            {"age": {"at_least": 18}},
            SIXTEEN,
            "You are 16; this is for people of 18 and over.",
            "U bent 16; dit is voor mensen van 18 jaar en ouder.",
        ),
        (
            {"age": {"between": [18, 30]}},
            SIXTEEN,
            "You are 16; this is for people from 18 to 30.",
            "U bent 16; dit is voor mensen van 18 tot en met 30 jaar.",
        ),
        (
            {"not": {"age": {"below": 18}}},
            SIXTEEN,
            "You are 16; this is for people of 18 and over.",
            "U bent 16; dit is voor mensen van 18 jaar en ouder.",
        ),
        (
            {"income_band": {"in": ["low", "middle", "high"]}},
            STUDENT,
            "Your income: none. Needed: low, middle or high.",
            "Uw inkomen: geen. Nodig: laag, midden of hoog.",
        ),
        (
            {"income_band": {"in": ["low", "high"]}},
            SIXTEEN,
            "We do not know your income. Needed: low or high.",
            "Uw inkomen kennen we niet. Nodig: laag of hoog.",
        ),
        (
            {"occupation": {"not_in": ["student"]}},
            STUDENT,
            "Your occupation: student. That rules this out.",
            "Uw werk: student. Dat sluit dit uit.",
        ),
        (
            {"children": {"at_least": 1}},
            STUDENT,
            "Your number of children: 0. Needed: 1 or more.",
            "Uw aantal kinderen: 0. Nodig: 1 of meer.",
        ),
        (
            {"has_car": {"is": True}},
            situation(has_car=False),
            "Your car: no. Needed: yes.",
            "Uw auto: nee. Nodig: ja.",
        ),
        (
            {"holds": ["term_deposit", "investment_account"]},
            STUDENT,
            "This goes with Term deposit or Investment account, which you do not have.",
            "Dit hoort bij Deposito of Beleggingsrekening; dat heeft u niet.",
        ),
        (
            {"not": {"holds_in": "saving"}},
            STUDENT,
            "You have Savings account; this is for people without.",
            "U heeft Spaarrekening; dit is voor mensen zonder.",
        ),
        (
            HOUSING,
            STUDENT,
            "This is for people who look at Housing a lot.",
            "Dit is voor mensen die veel kijken naar Wonen.",
        ),
        (
            {"not": {"open_case": "complaint"}},
            COMPLAINT,
            "You have an open complaint; that comes first.",
            "U heeft een open klacht; die gaat voor.",
        ),
        (
            {"not": {"projected_shortfall": True}},
            SHORT,
            "Your balance will be short; that comes first.",
            "Uw saldo komt tekort; dat gaat voor.",
        ),
        (
            {"any": [{"occupation": {"is": "student"}}, HOUSING]},
            RETIRED,
            "This is for people with occupation: student; or strong interest in Housing.",
            "Dit is voor mensen met werk: student; of sterke interesse in Wonen.",
        ),
    ],
)
def test_the_reason_is_said_plainly(
    written: dict[str, Any], facts: Facts, en: str, nl: str
) -> None:
    assert why_not(parsed(written), facts, "en", bank()) == en
    assert why_not(parsed(written), facts, "nl", bank()) == nl


def test_only_the_part_that_failed_is_named() -> None:
    condition = parsed({"all": [{"occupation": {"is": "student"}}, {"age": {"at_least": 18}}]})
    facts = situation(occupation="student", age=16)
    said = why_not(condition, facts, "en", bank())
    assert said == "You are 16; this is for people of 18 and over."


def test_a_combination_is_asked_for_in_one_phrase() -> None:
    condition = parsed(
        {"all": [{"age": {"at_least": 30}}, {"not": {"any": [HOUSING, {"holds": "mortgage"}]}}]}
    )
    assert in_words(condition, "en", bank()) == (
        "age: 30 or more; and less than strong interest in Housing; and no A place of your own"
    )
