"""Hard stages, on generated catalogues, accounts and models, against the rules as they are written.

The funnel asks conditions as bits, remembered by value; here each rule is asked by itself, of the
product's own declaration, so that nothing of the funnel's vouches for the funnel.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.account import Account, ContactKind, Frequency, Preferences, Wish
from recommender.catalogue import CHANNELS, Catalogue, ContactPolicy, Product, Rule
from recommender.catalogue.schema import Exploration, Levers, TimedLever
from recommender.decide import decide
from recommender.decision import Decision
from recommender.features import FeatureSpec
from recommender.live import Live
from recommender.request import Request
from recommender.rules import compile_condition
from recommender.rules.facts import Facts
from tests.recommender.accounts import AT, DOMAINS, PRODUCTS, TODAY, accounts
from tests.recommender.bank import bank, bank_live, vocabulary
from tests.recommender.models import small_model
from tests.recommender.rules.test_conditions import parsed
from tests.recommender.rules.written import conditions

TYPES = tuple(dict.fromkeys(product.type for product in bank().products.values()))
CHANGED = PRODUCTS[:8]
"""Products whose declarations are drawn; the others stay as the demo bank has them."""

rules = st.lists(conditions, max_size=2).map(
    lambda written: tuple(
        Rule.model_construct(id=f"r{place}", when=parsed(one)) for place, one in enumerate(written)
    )
)
declared = st.fixed_dictionaries(
    {},
    optional={
        "eligible": rules,
        "suitable": rules,
        "value": st.floats(0.1, 10),
        "repeatable": st.booleans(),
        "regulated_credit": st.booleans(),
        "channels": st.lists(st.sampled_from(CHANNELS), min_size=1, unique=True).map(tuple),
    },
)
levers = st.builds(
    TimedLever,
    factor=st.sampled_from([0.1, 1.0, 10.0]),
    until=st.just(TODAY + timedelta(days=30)),
    owner=st.just("somebody"),
)
catalogues = st.builds(
    lambda changes, lever, heat, contact: bank().model_copy(
        update={
            "products": {
                name: product.model_copy(update=changes.get(name, {}))
                for name, product in bank().products.items()
            },
            "levers": Levers.model_construct(product=lever, domain={}),
            "exploration": Exploration.model_construct(temperature=heat, salt=""),
            "contact": contact,
        }
    ),
    st.dictionaries(st.sampled_from(CHANGED), declared, min_size=1, max_size=4),
    st.dictionaries(st.sampled_from(PRODUCTS), levers, max_size=4),
    st.dictionaries(st.sampled_from(TYPES), st.sampled_from([0.1, 1.0, 2.0]), max_size=6),
    st.builds(ContactPolicy, marketing_per_week=st.integers(0, 3), less=st.floats(0, 1)),
)
wishes = st.dictionaries(st.sampled_from(DOMAINS), st.sampled_from(Wish), max_size=2)
people = st.builds(
    lambda account, frequency, domains: msgspec.structs.replace(
        account, preferences=Preferences(contact=frequency, domains=domains)
    ),
    accounts,
    st.none() | st.sampled_from(Frequency),
    wishes,
)


@settings(max_examples=150)
@given(
    catalogues,
    people,
    st.integers(0, 5),
    st.sampled_from(["home", "message_centre"]),
    st.sampled_from(CHANNELS),
)
def test_nothing_is_offered_that_any_hard_stage_excludes(
    catalogue: Catalogue, account: Account, seed: int, placement: str, channel: str
) -> None:
    live = assembled(catalogue, seed)
    decision = decide(account, Request(AT, placement, channel), live)
    seen = account if account.consent.personalisation else account.without_profile()
    facts = live.facts(seen, AT)
    for product_id in offered(decision):
        product = catalogue.products[product_id]
        assert not list(against_it(product_id, product, facts, catalogue, channel))
        assert not list(against_contact(product_id, product, seen, catalogue.contact))


def assembled(catalogue: Catalogue, seed: int) -> Live:
    digest = FeatureSpec.from_catalogue(catalogue).digest
    products = tuple(catalogue.products)
    return Live.assemble(
        catalogue, small_model(vocabulary(), products, features_digest=digest, seed=seed)
    )


def offered(decision: Decision) -> list[str]:
    return [one.product_id for one in decision.shown if one.product_id is not None]


def against_it(
    product_id: str, product: Product, facts: Facts, catalogue: Catalogue, channel: str
) -> Iterator[str]:
    """Available, eligible, suitable."""
    if channel not in product.channels:
        yield "the channel does not carry it"
    if product_id in facts.holds and not product.repeatable:
        yield "it is held"
    covering = [
        policy
        for policy in catalogue.policies
        if policy.covers(product_id, product.domain, product.type)
    ]
    for rule in (*product.eligible, *product.suitable, *covering):
        if compile_condition(rule.when)(facts) is not True:
            yield f"{rule.id}: {rule.when}"


def against_contact(
    product_id: str, product: Product, account: Account, policy: ContactPolicy
) -> Iterator[str]:
    """Consented, contactable."""
    frequency = account.preferences.contact
    if not account.consent.marketing or frequency is Frequency.NONE:
        yield "no marketing"
    if account.preferences.domains.get(product.domain) is Wish.NONE:
        yield "not wanted"
    past = [one for one in account.contacts if one.at <= AT]
    week = [
        one for one in past if one.kind is ContactKind.SHOWN and one.at > AT - timedelta(days=7)
    ]
    if len(week) >= policy.most(policy.budget[0], frequency):
        yield "the budget is spent"
    for one in past:
        refused = one.kind is not ContactKind.SHOWN and one.product_id == product_id
        if refused and one.at + timedelta(days=policy.rests_days(one.kind)) > AT:
            yield "it rests"


@given(people, st.integers(0, 3), st.permutations(CHANNELS), st.sampled_from(["home"]))
def test_a_channel_counts_only_for_what_it_can_carry(
    account: Account, seed: int, names: list[Any], placement: str
) -> None:
    """Whatever the channels are called: rename them everywhere and every decision stays."""
    live = bank_live(seed)
    renamed = dict(zip(CHANNELS, names, strict=True))
    other = Live.assemble(with_channels(live.catalogue, renamed), live.model)
    for channel in CHANNELS:
        one = decide(account, Request(AT, placement, channel), live)
        same = decide(account, Request(AT, placement, renamed[channel]), other)
        assert one.shown == same.shown
        assert one.withheld == same.withheld


def with_channels(catalogue: Catalogue, renamed: dict[Any, Any]) -> Catalogue:
    def moved(item: Any) -> Any:
        channels = tuple(renamed[name] for name in item.channels)
        return item.model_copy(update={"channels": channels})

    changed = {
        part: {name: moved(item) for name, item in getattr(catalogue, part).items()}
        for part in ("products", "actions", "placements")
    }
    return catalogue.model_copy(update=changed)
