from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench import berka
from bench.figures import Skipped, shared_data
from recommender.catalogue import Catalogue

Loaded = tuple[Catalogue, dict[str, pd.DataFrame]]


@pytest.fixture(scope="module")
def directory() -> Path:
    try:
        return shared_data("berka")
    except Skipped as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def dated(directory: Path) -> Loaded:
    return berka.load(directory)


def test_every_account_has_one_owner_with_age_sex_and_district(dated: Loaded) -> None:
    catalogue, frames = dated
    accounts = frames["accounts"]
    assert len(accounts) == accounts["account_id"].nunique() == 4500
    assert not accounts.isna().any().any()
    assert accounts["birth_date"].between("1900-01-01", "1990-01-01").all()
    assert set(accounts["sex"]) == {"f", "m"}
    assert set(accounts["district"]) <= set(catalogue.attributes["district"].values)


def test_cards_and_loans_keep_their_dates_and_orders_begin_with_their_first_payment(
    dated: Loaded,
) -> None:
    catalogue, frames = dated
    holdings = frames["holdings"]
    family = holdings["product_id"].str.split("_").str[0].value_counts()
    assert (family["card"], family["loan"]) == (892, 682)
    orders = holdings[holdings["product_id"].str.startswith("order_")]
    assert set(orders["account_id"]) <= set(frames["transactions"]["account_id"])
    assert set(holdings["product_id"]) <= set(catalogue.products)
    together = holdings.merge(frames["accounts"], on="account_id")
    assert (together["opened_on"] >= together["joined_on"]).all()


def test_all_orders_take_part_where_the_order_in_time_does_not_matter(
    directory: Path, dated: Loaded
) -> None:
    _, frames = berka.load(directory, orders="all")
    holdings = frames["holdings"]
    assert len(holdings) == 7010
    assert not holdings.duplicated(["account_id", "product_id"]).any()
    assert not holdings["opened_on"].isna().any()
    assert len(dated[1]["holdings"]) < len(holdings)


def test_money_is_signed_and_in_minor_units(dated: Loaded) -> None:
    transactions = dated[1]["transactions"]
    first = transactions[transactions["account_id"] == "25"].head(2)
    assert first["amount_minor"].tolist() == [90_000, 1_580_000]
    assert first["balance_minor"].tolist() == [90_000, 1_670_000]
    assert (transactions["amount_minor"] < 0).mean() > 0.5
