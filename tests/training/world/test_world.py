"""What holds in every world, whatever its seed."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest

from recommender.catalogue import Catalogue
from recommender.tables import CONTEXT_CHANGE, EventKind
from tests.recommender.bank import bank
from training.world import World, WorldError, generate
from training.world.people import WELL_KNOWN
from training.world.products import PRODUCTS
from training.world.terms import TERM_YEARS

UNTIL = date(2026, 11, 23)
END = pd.Timestamp(UNTIL)
MONTHS = 6
START = pd.Timestamp("2026-05-23")

SEEDS = pytest.mark.parametrize("seed", [1, 2])


@cache
def world(seed: int) -> World:
    return generate(bank(), accounts=600, months=MONTHS, seed=seed, until=UNTIL)


def joined(made: World, frame: pd.DataFrame) -> pd.Series:
    """When the account of each row joined."""
    days = made.accounts.set_index("account_id")["joined_on"]
    return frame["account_id"].astype("str").map(days.rename(str))


@SEEDS
def test_the_well_known_come_first_and_everybody_counts(seed: int) -> None:
    accounts = world(seed).accounts
    ids = accounts["account_id"].tolist()
    assert ids[: len(WELL_KNOWN)] == [one.account_id for one in WELL_KNOWN]
    assert len(ids) == len(set(ids)) == 600


@SEEDS
def test_nothing_happens_before_joining_or_after_the_end(seed: int) -> None:
    made = world(seed)
    assert (made.accounts["joined_on"] < END).all()
    assert (made.accounts["birth_date"] < made.accounts["joined_on"]).all()
    for frame, when in (
        (made.holdings, "opened_on"),
        (made.events, "at"),
        (made.transactions, "booked_on"),
        (made.cases, "opened_at"),
    ):
        assert (frame[when] >= joined(made, frame)).all(), when
        assert (frame[when] < END).all(), when
    for frame, when in ((made.events, "at"), (made.transactions, "booked_on")):
        assert (frame[when] >= START).all(), when
    assert (made.scheduled_payments["due_on"] >= END).all()
    assert (made.scheduled_payments["due_on"] < END + pd.Timedelta(days=35)).all()


@SEEDS
def test_holdings_open_before_they_close_and_are_held_once_at_a_time(seed: int) -> None:
    holdings = world(seed).holdings.astype({"account_id": "str", "product_id": "str"})
    closed = holdings["closed_on"]
    assert (closed.isna() | (closed > holdings["opened_on"])).all()
    assert (closed.isna() | (closed < END)).all()
    ordered = holdings.sort_values(["account_id", "product_id", "opened_on"])
    before = ordered.groupby(["account_id", "product_id"])["closed_on"].shift()
    again = ordered.duplicated(["account_id", "product_id"])
    assert (before[again] <= ordered["opened_on"][again]).all()


@SEEDS
def test_terms_run_on_from_the_end_for_whole_terms(seed: int) -> None:
    holdings = world(seed).holdings.astype({"product_id": "str"})
    ends = holdings["ends_on"]
    years = holdings["product_id"].map(dict(TERM_YEARS))
    renewed = years.notna() & holdings["closed_on"].isna()
    well_known = holdings["account_id"].astype("str").isin([one.account_id for one in WELL_KNOWN])
    assert (ends.notna() == renewed & ~well_known).all()
    assert (ends.dropna() >= END).all()
    terms = (ends - holdings["opened_on"]).dt.days / (years * 365.25)
    assert ((terms - terms.round()).abs().dropna() < 0.01).all()
    assert (ends.isna() | (ends <= END + pd.to_timedelta(years.fillna(0) * 365.25, "D"))).all()


@SEEDS
def test_balances_run(seed: int) -> None:
    booked = world(seed).transactions
    assert booked["account_id"].cat.codes.is_monotonic_increasing
    days = booked.groupby("account_id", observed=True)["booked_on"]
    assert days.apply(lambda one: one.is_monotonic_increasing).all()
    before = booked.groupby("account_id", observed=True)["balance_minor"].shift()
    known = before.notna()
    difference = booked["balance_minor"][known] - before[known]
    assert (difference == booked["amount_minor"][known]).all()


@SEEDS
def test_every_product_taken_in_the_window_is_an_event_of_that_day(seed: int) -> None:
    made = world(seed)
    taken = made.events[made.events["kind"] == EventKind.TAKEN]
    told = set(
        zip(taken["account_id"], taken["product_id"], taken["at"].dt.normalize(), strict=True)
    )
    recent = made.holdings[made.holdings["opened_on"] >= START]
    columns = (recent["account_id"], recent["product_id"], recent["opened_on"])
    assert set(zip(*columns, strict=True)) == told


@SEEDS
def test_walking_context_back_and_forth_ends_in_the_state_of_now(seed: int) -> None:
    made = world(seed)
    changes = made.events[made.events["kind"] == EventKind.CONTEXT_CHANGE]
    parts = changes["value"].astype("str").str.extract(CONTEXT_CHANGE)
    told = pd.concat([changes[["account_id", "at"]], parts], axis=1)
    now = made.accounts.set_index("account_id").astype("str")
    now["has_car"] = now["has_car"].map({"True": "yes", "False": "no"})
    seen = 0
    for key, one in told.groupby(["account_id", "attribute"], observed=True):
        account, attribute = (str(part) for part in key)
        ordered = one.sort_values("at")
        assert ordered["before"].iloc[1:].tolist() == ordered["after"].iloc[:-1].tolist()
        assert ordered["after"].iloc[-1] == now.loc[account, attribute]
        assert (ordered["before"] != ordered["after"]).all()
        seen += len(ordered)
    assert seen == len(changes) > 100


@SEEDS
def test_what_is_taken_fits_the_life_of_that_moment(seed: int) -> None:
    """No business account for employees: where the change is on record, and where it is not."""
    made = world(seed)
    recent = made.holdings[made.holdings["opened_on"] >= START].astype({"account_id": "str"})
    business = recent[
        recent["product_id"].isin(["business_account", "business_liability_insurance"])
    ]
    changed = made.events[made.events["kind"] == EventKind.CONTEXT_CHANGE]
    values = changed["value"].astype("str")
    switched = set(changed["account_id"][values.str.startswith("occupation")].astype("str"))
    settled = business[~business["account_id"].isin(switched)]
    occupation = made.accounts.astype({"account_id": "str"}).set_index("account_id")["occupation"]
    assert len(settled) > 5
    assert (settled["account_id"].map(occupation) == "self_employed").all()


@SEEDS
def test_the_truth_is_a_chance_for_each_account_and_product(seed: int) -> None:
    made = world(seed)
    assert len(made.truth) == 600 * len(PRODUCTS)
    assert made.truth["acceptance"].between(0, 1).all()
    columns = ["account_id", "product_id"]
    held = made.holdings[made.holdings["closed_on"].isna()][columns].astype("str")
    chances = made.truth.astype({"account_id": "str", "product_id": "str"}).set_index(columns)
    of_held = chances.loc[pd.MultiIndex.from_frame(held), "acceptance"]
    assert (of_held == 0).all()
    wanted = chances["acceptance"].groupby(level=0).max()
    assert (wanted > 0).all()


@SEEDS
def test_people_look_before_they_take(seed: int) -> None:
    """The signal is real: what is taken was looked at in the weeks before far oftener than not."""
    made = world(seed)
    looked = made.events[made.events["kind"].isin(["page_view", "search", "click"])]
    looked = looked.dropna(subset=["product_id"])[["account_id", "product_id", "at"]]
    recent = made.holdings[made.holdings["opened_on"] >= START + pd.Timedelta(days=30)]
    pairs = recent.merge(looked.astype(recent[["account_id", "product_id"]].dtypes), how="left")
    ahead = pairs["opened_on"] - pairs["at"]
    near = ahead.between(pd.Timedelta(0), pd.Timedelta(days=30))
    by_take = near.groupby([pairs["account_id"], pairs["product_id"]], observed=True).any()
    assert 0.25 < by_take.mean() < 0.8
    # And it is noisy: most of what is looked at is not taken soon.
    assert len(looked) > 4 * by_take.sum()


def test_equal_seeds_give_equal_worlds_and_others_differ() -> None:
    same = generate(bank(), accounts=600, months=MONTHS, seed=1, until=UNTIL).frames()
    for name, frame in world(1).frames().items():
        pd.testing.assert_frame_equal(frame, same[name])
        assert not frame.equals(world(2).frames()[name]), name


def test_accounts_take_products_at_a_lifelike_rate() -> None:
    """Two to three a year each, of every product somebody's, and of none everybody's."""
    made = generate(bank(), accounts=4_000, months=12, seed=3, until=UNTIL)
    recent = made.holdings[made.holdings["opened_on"] >= END - pd.DateOffset(months=12)]
    assert 1.8 < len(recent) / 4_000 < 3.2
    shares = recent["product_id"].value_counts(normalize=True)
    assert set(shares[shares > 0].index) == set(PRODUCTS)
    assert shares.max() < 0.2
    booked = len(made.transactions) / made.transactions["account_id"].nunique() / 12
    assert 12 < booked < 26
    # Short of money now and then, but not as a rule.
    last = made.transactions.groupby("account_id", observed=True)["balance_minor"].last()
    assert np.mean(last < 0) < 0.05


@pytest.mark.parametrize(
    ("accounts", "months", "words"),
    [
        (3, 12, "at least 8 accounts, not 3"),
        (100, 0, "1 to 60 months, not 0"),
        (100, 61, "1 to 60 months, not 61"),
    ],
)
def test_an_impossible_world_is_refused(accounts: int, months: int, words: str) -> None:
    with pytest.raises(WorldError, match=words):
        generate(bank(), accounts=accounts, months=months, seed=1, until=UNTIL)


def test_a_catalogue_without_the_demo_banks_products_is_refused(catalogue: Catalogue) -> None:
    rest = {key: one for key, one in catalogue.products.items() if key != "mortgage"}
    other = catalogue.model_copy(update={"products": rest})
    with pytest.raises(WorldError, match="needs the product mortgage, which catalogue raak-bank"):
        generate(other, accounts=100, months=1, seed=1, until=UNTIL)


def test_the_smallest_world_stands() -> None:
    made = generate(bank(), accounts=8, months=1, seed=1, until=UNTIL)
    assert len(made.accounts) == 8
