"""An account's bits are the answers of the conditions themselves."""

from __future__ import annotations

from hypothesis import given

from recommender.account import Account
from recommender.funnel.questions import Questions
from recommender.rules import compile_condition
from recommender.situation import facts_at
from tests.recommender.accounts import AT, accounts
from tests.recommender.bank import bank

QUESTIONS = Questions.of(bank())
PREDICATES = {bit: compile_condition(condition) for condition, bit in QUESTIONS.bits.items()}


@given(accounts)
def test_a_bit_is_set_where_its_condition_is_true_and_nowhere_else(account: Account) -> None:
    facts = facts_at(account, AT, bank().interest.half_life_days)
    passed = QUESTIONS.passed(facts)
    for bit, predicate in PREDICATES.items():
        assert bool(passed & bit) == (predicate(facts) is True)


@given(accounts)
def test_what_is_held_once_is_not_open_any_more(account: Account) -> None:
    facts = facts_at(account, AT, bank().interest.half_life_days)
    passed = QUESTIONS.passed(facts)
    for product_id, bit in QUESTIONS.not_held.items():
        assert bool(passed & bit) == (product_id not in facts.holds)
