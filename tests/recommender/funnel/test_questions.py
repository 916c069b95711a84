"""An account's bits are the answers of the conditions themselves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Account
from recommender.funnel.questions import Questions
from recommender.rules import Condition, compile_condition
from recommender.rules.rare import NOBODY
from tests.recommender.accounts import AT, accounts
from tests.recommender.bank import bank_live
from tests.recommender.rules.test_conditions import parsed
from tests.recommender.rules.written import conditions

QUESTIONS = bank_live().funnel.questions
asked = st.lists(conditions.map(parsed), min_size=1, max_size=8)


def assert_agreed(questions: Questions, account: Account) -> None:
    facts = bank_live().facts(account, AT)
    passed = questions.passed(facts)
    for condition, bits in questions.bits.items():
        assert (passed & bits == bits) == (compile_condition(condition)(facts) is True)


@given(accounts)
def test_the_bits_of_a_condition_are_all_set_where_it_is_true_and_nowhere_else(
    account: Account,
) -> None:
    assert_agreed(QUESTIONS, account)
    assert_agreed(QUESTIONS, account.without_profile())


@given(asked, accounts)
def test_so_are_those_of_any_condition(asked: list[Condition], account: Account) -> None:
    questions = Questions.of(asked, once=())
    assert_agreed(questions, account)
    assert_agreed(questions, account.without_profile())


@given(asked)
def test_of_nobody_nothing_is_passed_but_what_holds_of_everybody(asked: list[Condition]) -> None:
    questions = Questions.of(asked, once=())
    passed = questions.passed(NOBODY)
    for condition, bits in questions.bits.items():
        assert (passed & bits == bits) == (compile_condition(condition)(NOBODY) is True)


@given(accounts)
def test_what_is_held_once_is_not_open_any_more(account: Account) -> None:
    facts = bank_live().facts(account, AT)
    passed = QUESTIONS.passed(facts)
    for product_id, bit in QUESTIONS.not_held.items():
        assert bool(passed & bit) == (product_id not in facts.holds)
