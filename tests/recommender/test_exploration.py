"""Exploration: chance within bounds, and known to the last digit."""

from __future__ import annotations

import math
from collections import Counter
from functools import lru_cache

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Account, Consent
from recommender.catalogue import Catalogue, parse_catalogue
from recommender.decide import decide
from recommender.decision import Decision, Shown, encode
from recommender.errors import CatalogueError
from recommender.live import Live
from recommender.request import MAX_LIMIT, Request
from tests.recommender.accounts import AT, PRODUCTS, accounts
from tests.recommender.bank import CATALOGUE_FILE, bank, bank_live

HOT = {product.type: 1.0 for product in bank().products.values() if product.type != "credit"}
OPEN = Consent(personalisation=True, marketing=True)
CHANNELS = ("web", "app", "branch", "phone")
seeds = st.integers(0, 3)
placements = st.sampled_from(["home", "message_centre"])


@lru_cache
def exploring(seed: int = 0, salt: str = "", temperature: float = 1.0) -> Live:
    catalogue = bank().model_copy(
        update={
            "exploration": bank().exploration.model_copy(
                update={"temperature": dict.fromkeys(HOT, temperature), "salt": salt}
            )
        }
    )
    return Live.assemble(catalogue, bank_live(seed).model)


def offers(decision: Decision) -> list[str]:
    return [one.product_id for one in decision.shown if one.product_id is not None]


@given(accounts, placements, seeds)
def test_nothing_is_shown_that_would_be_withheld_without_exploration(
    account: Account, placement: str, seed: int
) -> None:
    request = Request(AT, placement)
    plain, explored = (decide(account, request, live) for live in both(seed))
    hard = {one.product_id for one in plain.withheld if not one.rule.startswith("placement.")}
    assert not hard & set(offers(explored))
    assert len(explored.shown) == len(plain.shown)


def both(seed: int) -> tuple[Live, Live]:
    return bank_live(seed), exploring(seed)


@given(accounts, placements, seeds)
def test_regulated_credit_is_where_it_would_be_without_exploration(
    account: Account, placement: str, seed: int
) -> None:
    plain, explored = (decide(account, Request(AT, placement), live) for live in both(seed))
    assert credit(plain) == credit(explored)
    for shown in explored.shown:
        assert 0 < shown.probability <= 1
    assert all(shown.probability == 1 for shown in credit(explored).values())


def credit(decision: Decision) -> dict[str, Shown]:
    """The regulated products that are shown, each with its rank and its chance."""
    products = bank().products
    return {
        one.product_id: one
        for one in decision.shown
        if one.product_id is not None and products[one.product_id].regulated_credit
    }


@given(accounts, placements, seeds)
def test_without_a_temperature_everything_is_certain(
    account: Account, placement: str, seed: int
) -> None:
    decision = decide(account, Request(AT, placement), bank_live(seed))
    assert {one.probability for one in decision.shown} <= {1.0}


@given(accounts, seeds, st.sets(st.sampled_from(PRODUCTS), max_size=12))
def test_what_is_explored_keeps_its_order_in_a_channel_that_carries_less(
    account: Account, seed: int, missing: set[str]
) -> None:
    """One slot a domain and type at most, and room for nearly all: nothing but the noise decides.

    Where more could be shown than there is room for, others follow in the places of the missing.
    """
    live = roomy(exploring(seed), missing)
    request = Request(AT, "home", "web", limit=MAX_LIMIT)
    web, branch = (decide(account, one, live) for one in (request, in_branch(request)))
    carried = [product for product in drawn(web) if product not in missing]
    assert drawn(branch)[: len(carried)] == carried
    assert len(web.shown) == MAX_LIMIT or drawn(branch) == carried


def roomy(live: Live, missing: set[str]) -> Live:
    """A home page with room for all, each product alone of its domain and type, and a branch that
    does not carry the `missing`.
    """
    catalogue = live.catalogue
    products = {
        name: product.model_copy(
            update={"type": name, "channels": ("web",) if name in missing else CHANNELS}
        )
        for name, product in catalogue.products.items()
    }
    home = catalogue.placements["home"].model_copy(update={"slots": 20, "max_per_domain": 20})
    heat = dict.fromkeys(products, 1.0)
    changes = {
        "products": products,
        "placements": {**catalogue.placements, "home": home},
        "exploration": catalogue.exploration.model_copy(update={"temperature": heat}),
    }
    return Live.assemble(catalogue.model_copy(update=changes), live.model)


def in_branch(request: Request) -> Request:
    return msgspec.structs.replace(request, channel="branch")


def drawn(decision: Decision) -> list[str]:
    return [name for name in offers(decision) if not bank().products[name].regulated_credit]


def test_offers_come_up_as_often_as_their_probability_says() -> None:
    """10,000 people alike: the first slot against the chances that the decisions state."""
    account = Account("", consent=OPEN, attributes={"occupation": "employed"})
    live, count = exploring(3, temperature=2.0), 10_000
    drawn: Counter[str] = Counter()
    stated: dict[str, float] = {}
    for number in range(count):
        person = msgspec.structs.replace(account, account_id=f"a{number}")
        first = decide(person, Request(AT, "home", limit=1), live).shown[0]
        assert first.product_id is not None
        drawn[first.product_id] += 1
        stated[first.product_id] = first.probability
    assert len(drawn) > 2
    for product, probability in stated.items():
        deviation = math.sqrt(count * probability * (1 - probability))
        assert abs(drawn[product] - count * probability) < 4 * deviation + 1


def test_another_salt_throws_the_dice_anew_and_the_same_one_does_not() -> None:
    account = Account("somebody", consent=OPEN, attributes={"occupation": "employed"})
    days = [AT.replace(day=day) for day in range(1, 29)]

    def course(salt: str) -> list[list[str]]:
        return [offers(decide(account, Request(day), exploring(salt=salt))) for day in days]

    assert course("one") == course("one")
    assert course("one") != course("two")


@given(accounts, seeds)
def test_a_cold_exploration_shows_what_none_shows(account: Account, seed: int) -> None:
    """As the temperature falls, chance leaves: scores are never so close as this is cold."""
    cold = exploring(seed, temperature=1e-9)
    assert offers(decide(account, Request(AT), cold)) == offers(
        decide(account, Request(AT), bank_live(seed))
    )


def test_decisions_that_explore_are_the_same_bytes_again() -> None:
    account = Account("somebody", consent=OPEN, attributes={"occupation": "employed"})
    request = Request(AT)
    assert encode(decide(account, request, exploring(1))) == encode(
        decide(account, request, exploring.__wrapped__(1))
    )


def told(exploration: str) -> Catalogue:
    text = CATALOGUE_FILE.read_text(encoding="utf-8")
    return parse_catalogue(f"{text}\nexploration: {exploration}\n", "bank.yaml")


@pytest.mark.parametrize(
    ("exploration", "said"),
    [
        ("{temperature: {credit: 0.3}}", "every 'credit' product is regulated credit"),
        ("{temperature: {savings: 0}}", "greater than 0"),
        ("{temperature: {savings: 3}}", "less than or equal to 2"),
        ("{temperature: {saving: 0.3}}", "did you mean 'savings'"),
    ],
)
def test_a_temperature_that_makes_no_sense_is_refused(exploration: str, said: str) -> None:
    with pytest.raises(CatalogueError, match=said):
        told(exploration)


def test_a_temperature_is_read_from_the_catalogue() -> None:
    assert told("{temperature: {savings: 0.3}}").exploration.of_type("savings") == 0.3
