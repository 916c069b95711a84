"""Explanations: exact for what is shown, complete for what is not."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Account
from recommender.answer import Answer, Explanation, answer, encode_answer
from recommender.decide import decide
from recommender.explanation import explained
from recommender.live import Live
from recommender.request import Request
from tests.recommender.accounts import AT, PRODUCTS, accounts
from tests.recommender.bank import bank_live

seeds = st.integers(0, 3)
placements = st.sampled_from(["home", "message_centre"])


def asked(account: Account, placement: str, live: Live) -> Answer:
    decision = decide(account, Request(AT, placement), live)
    return explained(answer(decision, live), decision, account, live)


@given(accounts, placements, seeds)
def test_contributions_add_up_to_the_score_they_explain(
    account: Account, placement: str, seed: int
) -> None:
    """What the tokens moved, and the products' own bias, is the model's log-odds to the digit."""
    live = bank_live(seed)
    model = live.model
    person = account if account.consent.personalisation else account.without_profile()
    facts = live.facts(person, AT)
    tokens = live.tokens(facts, account.account_id) if facts.values else []
    logits = model.logits(tokens) - model.logits([])
    for one in asked(account, placement, live).recommendations:
        assert isinstance(one.explanation, Explanation)
        if one.product_id is not None:
            total = sum(moved.log_odds for moved in one.explanation.contributions)
            column = model.columns[one.product_id]
            assert total == pytest.approx(logits[column] - logits.mean(), abs=1e-4)


@given(accounts, placements, seeds)
def test_every_rank_says_how_it_came_about(account: Account, placement: str, seed: int) -> None:
    for one in asked(account, placement, bank_live(seed)).recommendations:
        assert isinstance(one.explanation, Explanation)
        terms = one.explanation.arbitration
        if terms is not None:
            product = terms.propensity * terms.value * terms.context * terms.lever
            assert terms.score == pytest.approx(product)
            assert one.propensity == pytest.approx(terms.propensity, abs=1e-6)


@given(accounts, placements, seeds)
def test_an_answer_that_was_not_asked_to_explain_says_none_of_it(
    account: Account, placement: str, seed: int
) -> None:
    live = bank_live(seed)
    body = encode_answer(answer(decide(account, Request(AT, placement), live), live))
    assert b"explanation" not in body
    assert b"withheld" not in body


@given(accounts, seeds)
def test_every_product_is_shown_or_withheld_with_a_sentence(account: Account, seed: int) -> None:
    said = asked(account, "home", bank_live(seed))
    assert isinstance(said.withheld, tuple)
    shown = [one.product_id for one in said.recommendations if one.product_id]
    assert sorted(shown + [item.product_id for item in said.withheld]) == sorted(PRODUCTS)
    assert all(item.text.strip() for item in said.withheld)


def test_without_consent_no_token_is_read() -> None:
    account = msgspec.structs.replace(
        Account("somebody", attributes={"occupation": "student"}), holdings=()
    )
    for one in asked(account, "home", bank_live()).recommendations:
        assert not one.explanation or one.explanation.contributions == ()
