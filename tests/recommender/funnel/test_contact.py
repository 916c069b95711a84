"""One contact budget: what was shown, what was answered and what was asked for."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import (
    Account,
    Consent,
    Contact,
    ContactKind,
    Frequency,
    Preferences,
    Wish,
)
from recommender.catalogue import Cap, ContactPolicy
from recommender.decide import decide
from recommender.decision import Stage
from recommender.funnel import contact_state
from recommender.request import Request
from tests.recommender.accounts import AT, PRODUCTS, accounts
from tests.recommender.bank import bank, bank_live

BOTH = Consent(personalisation=True, marketing=True)
ANN = Account("ann", consent=BOTH, attributes={"occupation": "employed"})
caps = st.builds(Cap, days=st.integers(1, 40), most=st.integers(0, 5))
policies = st.builds(
    ContactPolicy,
    marketing_per_week=st.integers(0, 4),
    caps=st.lists(caps, max_size=2).map(tuple),
    per_product=st.none() | caps,
    less=st.floats(0, 1),
)
shown = st.builds(
    Contact,
    kind=st.just(ContactKind.SHOWN),
    at=st.integers(0, 45 * 24).map(lambda hours: AT - timedelta(hours=hours)),
    action_id=st.just("offer.any"),
    product_id=st.sampled_from(PRODUCTS[:3]),
)
frequencies = st.none() | st.sampled_from(Frequency)


def seen(*contacts: Contact, wishes: Preferences | None = None) -> Account:
    return msgspec.structs.replace(ANN, contacts=contacts, preferences=wishes or Preferences())


@given(policies, st.lists(shown, max_size=12), frequencies)
def test_the_budget_is_spent_when_any_window_is_full(
    policy: ContactPolicy, contacts: list[Contact], frequency: Frequency | None
) -> None:
    account = seen(*contacts, wishes=Preferences(contact=frequency))
    state = contact_state(account, policy, AT)
    full = [
        sum(one.at > AT - timedelta(days=cap.days) for one in contacts)
        >= policy.most(cap, frequency)
        for cap in policy.budget
    ]
    assert state.capped == any(full)


@given(policies, st.lists(shown, min_size=1, max_size=12), shown)
def test_one_contact_more_never_frees_the_budget(
    policy: ContactPolicy, contacts: list[Contact], more: Contact
) -> None:
    before = contact_state(seen(*contacts), policy, AT)
    after = contact_state(seen(*contacts, more), policy, AT)
    assert after.capped >= before.capped
    assert after.sated >= before.sated


@given(policies, st.lists(shown, max_size=8))
def test_nothing_changes_before_the_instant_that_the_state_names(
    policy: ContactPolicy, contacts: list[Contact]
) -> None:
    account = seen(*contacts)
    state = contact_state(account, policy, AT)
    if state.until is not None:
        just_before = contact_state(account, policy, state.until - timedelta(microseconds=1))
        assert (just_before.capped, just_before.sated) == (state.capped, state.sated)


@given(policies)
def test_who_asks_for_less_gets_no_more_and_not_nothing(policy: ContactPolicy) -> None:
    for cap in policy.budget:
        less = policy.most(cap, Frequency.LESS)
        assert min(cap.most, 1) <= less <= cap.most
        assert policy.most(cap, Frequency.NONE) == 0


@given(accounts, st.integers(0, 3), st.sampled_from(["home", "message_centre"]))
def test_an_objection_leaves_no_offer(account: Account, seed: int, placement: str) -> None:
    objects = msgspec.structs.replace(account, preferences=Preferences(contact=Frequency.NONE))
    decision = decide(objects, Request(AT, placement), bank_live(seed))
    assert all(one.product_id is None for one in decision.shown)


@given(accounts, st.integers(0, 3), st.sampled_from(["domain", "type", "product"]))
def test_what_is_not_wanted_is_not_offered_and_says_so(
    account: Account, seed: int, about: str
) -> None:
    wishes = {
        "domain": Preferences(domains={"everyday": Wish.NONE}),
        "type": Preferences(types={"credit": Wish.NONE}),
        "product": Preferences(products={"savings_account": Wish.NONE}),
    }[about]
    asked = msgspec.structs.replace(account, consent=BOTH, preferences=wishes)
    decision = decide(asked, Request(AT, "message_centre"), bank_live(seed))
    unwanted = {
        name
        for name, product in bank().products.items()
        if {
            "domain": product.domain == "everyday",
            "type": product.type == "credit",
            "product": name == "savings_account",
        }[about]
    }
    assert not unwanted & {one.product_id for one in decision.shown}
    for one in decision.withheld:
        if one.product_id in unwanted and one.stage is Stage.CONSENTED:
            assert one.rule == f"{one.product_id}.not_wanted"


@pytest.mark.parametrize(("wish", "factor"), [(Wish.MORE, 2.0), (Wish.LESS, 0.5)])
def test_a_wish_for_more_or_less_is_a_matter_of_context(wish: Wish, factor: float) -> None:
    request, live = Request(AT, "message_centre", limit=20), bank_live()

    def scores(wishes: Preferences) -> dict[str | None, float]:
        found = decide(seen(wishes=wishes), request, live).shown
        return {one.product_id: one.arbitration.context for one in found if one.arbitration}

    plain, asked = scores(Preferences()), scores(Preferences(domains={"saving": wish}))
    for product in set(plain) & set(asked):
        is_saving = product is not None and bank().products[product].domain == "saving"
        assert asked[product] == plain[product] * (factor if is_saving else 1)
