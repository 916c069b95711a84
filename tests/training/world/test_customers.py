"""The people of a world as they truly are, beside the tables that were made of them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from recommender.catalogue import Catalogue
from training.world import World, generate
from training.world.customers import SHOPPERS_TAKE, Customers, customers

UNTIL = date(2026, 11, 23)


@pytest.fixture(scope="module")
def people(catalogue: Catalogue) -> Customers:
    return customers(catalogue, accounts=250, months=4, seed=5, until=UNTIL)


@pytest.fixture(scope="module")
def made(catalogue: Catalogue) -> World:
    return generate(catalogue, accounts=250, months=4, seed=5, until=UNTIL)


def held_at_the_end(
    people: Customers, made: World
) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    place = {account: row for row, account in enumerate(people.ids)}
    column = {product: row for row, product in enumerate(people.products)}
    held = np.zeros((len(people.ids), len(people.products)), dtype=np.bool_)
    still = made.holdings[made.holdings["closed_on"].isna()]
    for account, product in zip(still["account_id"], still["product_id"], strict=True):
        if account in place:
            held[place[account], column[product]] = True
    return held


def test_they_accept_at_the_end_as_the_truth_table_says(people: Customers, made: World) -> None:
    chances = people.acceptance(UNTIL, held_at_the_end(people, made))
    said = made.truth.set_index(["account_id", "product_id"])["acceptance"].unstack()
    said = said.loc[list(people.ids), list(people.products)]
    np.testing.assert_allclose(chances, said.to_numpy(), rtol=1e-6)


def test_who_shops_around_is_on_record_and_accepts_one_time_in_four(
    people: Customers, made: World
) -> None:
    day = UNTIL - timedelta(days=30)
    nothing = np.zeros((len(people.ids), len(people.products)), dtype=np.bool_)
    usual, now = people.acceptance(day, nothing), people.acceptance_while_shopping(day, nothing)
    lifted = now > usual
    assert lifted.any()
    assert (now[lifted] == np.float32(SHOPPERS_TAKE)).all()
    looked = made.events[made.events["at"] < np.datetime64(day + timedelta(days=1))]
    visitors = set(looked[looked["kind"].isin(["page_view", "search", "click"])]["account_id"])
    assert {people.ids[row] for row in np.nonzero(lifted)[0]} <= visitors


def test_nobody_accepts_what_they_hold(people: Customers) -> None:
    everything = np.ones((len(people.ids), len(people.products)), dtype=np.bool_)
    assert not people.acceptance_while_shopping(UNTIL, everything).any()
