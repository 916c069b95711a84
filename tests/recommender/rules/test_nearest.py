"""The nearest change: with it the rule passes, and it is something that can happen."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from recommender.account import Account, Case
from recommender.answer import WithheldAnswer, answer
from recommender.decide import decide
from recommender.explanation import explained
from recommender.request import Request
from recommender.rules import Facts, compile_condition
from recommender.rules.conditions import Happening
from recommender.rules.demands import TRUE, demand
from recommender.rules.near_words import Calendar, anniversary, change_in_words
from recommender.rules.nearest import applied, nearest
from recommender.rules.samples import facts_of, sample_of, subjects_in
from recommender.rules.speaker import Speaker
from recommender.years import full_years
from tests.recommender.accounts import AT, TODAY, accounts
from tests.recommender.bank import bank, bank_live
from tests.recommender.rules.test_conditions import parsed
from tests.recommender.rules.test_possible import consistent
from tests.recommender.rules.test_words import LEAKS
from tests.recommender.rules.written import conditions, situations
from tests.recommender.test_decide import STUDENT, requests

UNIVERSE = bank().universe
BORN, JOINED = date(2009, 3, 12), date(2026, 5, 1)
CALENDAR = Calendar(TODAY, BORN, JOINED)


@given(conditions, situations)
def test_with_the_nearest_change_the_rule_passes(written: dict[str, Any], facts: Facts) -> None:
    condition = parsed(written)
    ask = compile_condition(condition)
    assume(ask(facts) is not True)
    changes = nearest(condition, facts, UNIVERSE)
    if changes is not None:
        assert changes
        asked = demand(condition, TRUE, UNIVERSE)
        touched = {*subjects_in(asked), *(change.subject for change in changes)}
        assert ask(facts_of(applied(changes, sample_of(facts, touched)))) is True


@given(conditions, situations)
def test_who_passes_need_change_nothing(written: dict[str, Any], facts: Facts) -> None:
    condition = parsed(written)
    facts = consistent(facts)
    if compile_condition(condition)(facts) is True:
        assert nearest(condition, facts, UNIVERSE) == ()


@given(conditions, situations)
def test_nobody_is_told_to_grow_younger(written: dict[str, Any], facts: Facts) -> None:
    for change in nearest(parsed(written), facts, UNIVERSE) or ():
        found, to = change.found, change.to
        if change.subject.name in {"age", "tenure_years"} or change.subject.kind == "days_since":
            assert found is None or (isinstance(to, int) and isinstance(found, int) and to > found)
        assert not (change.subject.kind == "held_before" and found)


@given(conditions, situations, st.sampled_from(["en", "nl"]))
def test_every_change_has_words(written: dict[str, Any], facts: Facts, language: str) -> None:
    changes = nearest(parsed(written), facts, UNIVERSE)
    if changes:
        said = change_in_words(changes, CALENDAR, Speaker(bank(), language))
        assert said
        assert not [leak for leak in LEAKS if leak in said]


@given(st.dates(date(1920, 1, 1), date(2020, 1, 1)), st.integers(0, 100))
def test_an_anniversary_is_the_first_day_of_another_year(born: date, years: int) -> None:
    day = anniversary(born, years)
    assert day is not None
    assert full_years(born, day) == years
    assert years == 0 or full_years(born, day - timedelta(1)) == years - 1


@given(accounts, requests)
def test_whatever_a_rule_withheld_says_what_would_help(account: Account, asked: Request) -> None:
    for item in withheld(account, asked):
        assert item.nearest is None or item.nearest.strip() == item.nearest != ""


def withheld(account: Account, asked: Request) -> tuple[WithheldAnswer, ...]:
    live = bank_live()
    decision = decide(account, asked, live)
    said = explained(answer(decision, live), decision, account, live).withheld
    assert isinstance(said, tuple)
    return said


def told(account: Account, rule: str, language: str = "en") -> str | None:
    found = {item.rule: item.nearest for item in withheld(account, Request(AT, language=language))}
    return found[rule]


MINOR = msgspec.structs.replace(STUDENT, birth_date=BORN)
UPSET = msgspec.structs.replace(
    STUDENT, cases=(Case("c", "complaint", "open", AT - timedelta(days=1)),)
)


@pytest.mark.parametrize(
    ("account", "rule", "en", "nl"),
    [
        (
            MINOR,
            "mortgage.adult",
            (
                "from your 18th birthday (12 March 2027); with income: low, middle or high; "
                "once we can see that no shortfall is ahead; and if you looked at Housing a lot"
            ),
            (
                "vanaf uw 18e verjaardag (12 maart 2027); met inkomen: laag, midden of hoog; "
                "zodra we kunnen zien dat er geen tekort in zicht is; en als u veel keek naar Wonen"
            ),
        ),
        (
            STUDENT,
            "mortgage.needs_income",
            (
                "with income: low, middle or high; once we can see that no shortfall is ahead; "
                "and if you looked at Housing a lot"
            ),
            (
                "met inkomen: laag, midden of hoog; "
                "zodra we kunnen zien dat er geen tekort in zicht is; en als u veel keek naar Wonen"
            ),
        ),
        (
            UPSET,
            "policy.no_sales_during_complaint",
            "when your complaint is closed",
            "als uw klacht is afgehandeld",
        ),
        (
            STUDENT,
            "term_deposit.has_buffer",
            "if you had Savings account",
            "als u Spaarrekening had",
        ),
        (
            STUDENT,
            "car_insurance.drives",
            "if you looked at Getting around regularly",
            "als u geregeld keek naar Onderweg",
        ),
    ],
)
def test_the_nearest_change_is_said_plainly(account: Account, rule: str, en: str, nl: str) -> None:
    assert told(account, rule, "en") == en
    assert told(account, rule, "nl") == nl


@pytest.mark.parametrize(
    ("written", "facts", "said"),
    [
        (
            {"all": [{"age": {"at_least": 21}}, {"not": {"holds": "mortgage"}}]},
            Facts(values={"age": 17}, holds=frozenset({"mortgage"})),
            "from your 21st birthday (12 March 2030) and without A place of your own",
        ),
        (
            {"not": {"days_since": {"case_closed": "complaint", "below": 30}}},
            Facts(days={(Happening.CASE_CLOSED, "complaint"): 3}),
            "from 20 December 2026",
        ),
        ({"age": {"below": 18}}, Facts(values={"age": 40}), None),
        ({"age": {"below": 18}}, Facts(), "with age: 0 to 17"),
        ({"age": {"at_least": 18}}, Facts(), "with age: 18 or more"),
        (
            {"tenure_years": {"at_least": 2}},
            Facts(values={"tenure_years": 0}),
            "from your 2nd anniversary as a customer (1 May 2028)",
        ),
        (
            {"projected_balance": {"at_least": 10_000}},
            Facts(lowest_balance_minor=50),
            "with a balance ahead of EUR 100.00 or more",
        ),
        ({"held_before": "mortgage"}, Facts(), "after having had A place of your own"),
        ({"not": {"held_before": "mortgage"}}, Facts(held_before={"mortgage"}), None),
        (
            {"journey": {"domain": "housing", "stage": ["applying", "considering"]}},
            Facts(journey={"housing": "aware"}),
            "once you are comparing or applying (Housing)",
        ),
        (
            {"days_since": {"opened": "mortgage", "at_least": 30}},
            Facts(),
            "30 or more days after: A place of your own opened",
        ),
    ],
)
def test_each_kind_of_change_has_its_words(
    written: dict[str, Any], facts: Facts, said: str | None
) -> None:
    changes = nearest(parsed(written), facts, UNIVERSE)
    if said is None:
        assert changes is None
    else:
        assert changes is not None
        assert change_in_words(changes, CALENDAR, Speaker(bank(), "en")) == said


def test_two_processes_with_other_hash_seeds_say_the_same() -> None:
    script = (
        "from tests.recommender.rules.test_nearest import *; "
        "print([(one.rule, one.nearest) for one in withheld(UPSET, Request(AT))])"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", script],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]
    assert b"when your complaint is closed" in said[0]
