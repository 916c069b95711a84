"""Remembered tokens are the declared ones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recommender import tokens as module
from recommender.account import Account
from recommender.features import FeatureSpec
from recommender.situation import facts_at
from recommender.tokens import Tokens
from tests.recommender.accounts import AT, accounts
from tests.recommender.bank import bank

SPEC = FeatureSpec.from_catalogue(bank())


@given(st.lists(accounts, min_size=1, max_size=6), st.integers(1, 8))
def test_remembering_changes_no_token_however_little_is_remembered(
    people: list[Account], room: int
) -> None:
    tokens = Tokens(SPEC)
    usual, module.MOST_VALUES = module.MOST_VALUES, room
    try:
        for account in people:
            facts = facts_at(account, AT, bank().interest.half_life_days)
            assert tokens(facts, account.account_id) == SPEC.tokens(facts, account.account_id)
    finally:
        module.MOST_VALUES = usual
