"""Remembering what a value means changes no token."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Account
from recommender.features import FeatureSpec
from recommender.rules import Facts
from recommender.situation import facts_at
from recommender.tokens import Tokens
from tests.recommender.accounts import AT, DAYS, accounts
from tests.recommender.bank import bank

SPEC = FeatureSpec.from_catalogue(bank())


def declared(facts: Facts) -> list[str]:
    """The tokens as the declarations say them, one by one."""
    names = [(name,) for name in SPEC.context]
    context = [SPEC.context_token(part, facts.values) for part in (*names, *SPEC.crosses)]
    interests = [
        f"{prefix}:{subject}:{SPEC.levels.label(level)}"
        for prefix, levels in (
            ("interest", facts.domain_interest),
            ("views", facts.product_interest),
        )
        for subject, level in sorted(levels.items())
        if SPEC.levels.label(level)
    ]
    return [*context, *(f"holds:{name}" for name in sorted(facts.holds)), *interests]


@given(st.lists(accounts, min_size=1, max_size=6), st.integers(1, 8))
def test_the_tokens_are_the_declared_ones_however_little_is_remembered(
    people: list[Account], room: int
) -> None:
    tokens = Tokens(SPEC)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recommender.tokens.MOST_VALUES", room)
        for account in people:
            facts = facts_at(account, AT, DAYS, bank().interest.half_life_days)
            assert tokens(facts, account.account_id) == declared(facts)
