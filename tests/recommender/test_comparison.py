"""What differs between two decisions: everything that does, and nothing that does not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Account
from recommender.comparison import differences
from recommender.decide import decide
from recommender.request import Request
from tests.recommender.accounts import AT, accounts
from tests.recommender.bank import bank_live

seeds = st.integers(0, 3)


@given(accounts, seeds)
def test_a_decision_does_not_differ_from_itself(account: Account, seed: int) -> None:
    decision = decide(account, Request(AT), bank_live(seed))
    assert differences(decision, decision) == []


@given(accounts, seeds, seeds)
def test_what_is_gained_and_lost_is_what_is_shown_in_one_only(
    account: Account, one: int, other: int
) -> None:
    before, after = (decide(account, Request(AT), bank_live(seed)) for seed in (one, other))
    found = differences(before, after)
    was, now = ({item.action_id for item in side.shown} for side in (before, after))
    assert {each.action_id for each in found if each.gained} == now - was
    assert {each.action_id for each in found if each.lost} == was - now
    for each in found:
        if each.product_id is not None:
            assert (each.rank_before is None) == (each.withheld_before is not None)
            assert (each.rank_after is None) == (each.withheld_after is not None)


@given(accounts, seeds, seeds)
def test_it_is_the_same_seen_from_the_other_side(account: Account, one: int, other: int) -> None:
    before, after = (decide(account, Request(AT), bank_live(seed)) for seed in (one, other))
    there = {
        (each.action_id, each.rank_before, each.rank_after) for each in differences(before, after)
    }
    back = {
        (each.action_id, each.rank_after, each.rank_before) for each in differences(after, before)
    }
    assert there == back
