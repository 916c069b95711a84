"""The Berka bank (PKDD'99 challenge): 4,500 Czech accounts, 1993 to 1998, as Raak's input tables.

What a product is: a card by type, a loan by duration, a standing order by kind. Standing orders of
kind UVER pay back the loan that the same account holds (682 accounts, the very same), so they are
no product of their own.

Cards and loans have dates. The file of standing orders has none; where the account's transactions
are in the data (354 accounts, each from its first day on) an order begins with its first payment.
Two tasks follow, and both are measured:

- *time*: what does an account take next? Orders without a date are left out.
- *hidden*: one product of an account is hidden, the others are known. All orders take part; their
  `opened_on` is the day the account was opened, and training is told that the order is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import yaml

from bench.figures import Figure, shared_data
from bench.tables import no_rows, through_files
from bench.views import figures_of
from recommender.catalogue import Catalogue, parse_catalogue
from recommender.tables import EVENTS
from training.baselines import fit_baselines
from training.evaluation import Scorer, View, evaluate
from training.hybrid import Hybrid, HybridConfig
from training.snapshots import SnapshotConfig, build_snapshots
from training.splits import Split, by_account, by_time

TRANSACTIONS = "trans_1995-04_1998-12_354_loan_accounts.csv.gz"
ORDER_KINDS = {
    "SIPO": "order_household",
    "POJISTNE": "order_insurance",
    "LEASING": "order_leasing",
    " ": "order_other",
}
STATEMENTS = {
    "POPLATEK MESICNE": "monthly",
    "POPLATEK TYDNE": "weekly",
    "POPLATEK PO OBRATU": "after_transaction",
}
REMITTANCE = "remittance to another bank"
SCHEMES = {
    REMITTANCE: "standing_order",
    "collection from another bank": "transfer",
    "credit card withdrawal": "card",
    "credit in cash": "cash",
    "withdrawal in cash": "cash",
}

Orders = Literal["dated", "all"]

NOW = datetime(1999, 1, 1, tzinfo=UTC)
SEED = 1
LATER_SHARE = 0.25
"""The last quarter of the takings is the test of the task in time."""
UNSEEN_SHARE = 0.25
"""A quarter of the accounts is the test of the task of the hidden product."""


def measure() -> Iterable[Figure]:
    """Both tasks, through the training code, beside the baselines."""
    directory = shared_data("berka")
    catalogue, frames = load(directory)
    tables = through_files(frames, catalogue, now=NOW)
    rows = build_snapshots(tables, catalogue, SnapshotConfig(skip_initial=False))
    later = np.quantile(rows.moment.astype("int64"), 1 - LATER_SHARE).astype("datetime64[us]")
    split = by_time(rows, later.astype("datetime64[D]"))
    yield from figures_of("berka.time", _view(split, catalogue, "later takings"))

    catalogue, frames = load(directory, orders="all")
    tables = through_files(frames, catalogue, now=NOW)
    rows = build_snapshots(tables, catalogue, SnapshotConfig(holdings_order="unknown"))
    split = by_account(rows, UNSEEN_SHARE, seed=SEED)
    yield from figures_of("berka.hidden", _view(split, catalogue, "unseen accounts"))


def _view(split: Split, catalogue: Catalogue, name: str) -> View:
    hybrid = Hybrid.fit(split.train, catalogue, HybridConfig(), seed=SEED)
    scorers: dict[str, Scorer] = {"hybrid": hybrid, **fit_baselines(split.train, seed=SEED)}
    return evaluate(scorers, split.test, name=name, seed=SEED)


def load(directory: Path, *, orders: Orders = "dated") -> tuple[Catalogue, dict[str, pd.DataFrame]]:
    """The catalogue and the tables, by name, of the Berka files in `directory`.

    `orders`: which standing orders are holdings, those with a date or all of them.
    """
    districts = _districts(directory)
    accounts = _accounts(directory, districts)
    transactions = _read(directory, TRANSACTIONS)
    holdings = pd.concat(
        [
            _cards(directory),
            _loans(directory),
            _orders(directory, transactions, accounts, orders),
        ]
    ).sort_values(["opened_on", "account_id", "product_id"], ignore_index=True)
    frames = {
        "accounts": accounts,
        "holdings": holdings.assign(closed_on=pd.Series(pd.NaT, holdings.index, "datetime64[us]")),
        "events": no_rows(EVENTS),
        "transactions": _transactions(transactions),
    }
    return _catalogue(districts), frames


def birth_and_sex(numbers: pd.Series[str]) -> pd.DataFrame:
    """Dates of birth and sex from YYMMDD numbers, where women have 50 added to the month.

    >>> birth_and_sex(pd.Series(["706213", "450204"])).values.tolist()
    [[Timestamp('1970-12-13 00:00:00'), 'f'], [Timestamp('1945-02-04 00:00:00'), 'm']]
    """
    month = numbers.str[2:4].astype(int)
    woman = month > 50
    digits = numbers.str[:2] + (month - 50 * woman).astype(str).str.zfill(2) + numbers.str[4:]
    return pd.DataFrame({"birth_date": _days(digits), "sex": woman.map({True: "f", False: "m"})})


def _days(digits: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    """YYMMDD of the twentieth century; strptime's own reading would put 1911 into 2011."""
    return pd.to_datetime("19" + digits.str[:6], format="%Y%m%d").astype("datetime64[us]")


def _read(directory: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(directory / name, sep=";", dtype=str, keep_default_na=False)


def _slug(names: pd.Series[str]) -> pd.Series[str]:
    return names.str.lower().str.replace(r"[^a-z0-9]+", "_", regex=True).str.strip("_")


def _districts(directory: Path) -> pd.DataFrame:
    """(district_id, district, region)."""
    table = _read(directory, "district.asc.gz")
    return pd.DataFrame(
        {"district_id": table["A1"], "district": _slug(table["A2"]), "region": _slug(table["A3"])}
    )


def _accounts(directory: Path, districts: pd.DataFrame) -> pd.DataFrame:
    """One row an account; the person is its owner, and the district is where the owner lives."""
    owners = _read(directory, "disp.asc.gz").query("type == 'OWNER'")
    clients = _read(directory, "client.asc.gz")
    clients = clients.join(birth_and_sex(clients["birth_number"])).merge(districts)
    accounts = _read(directory, "account.asc.gz")[["account_id", "frequency", "date"]]
    people = owners[["account_id", "client_id"]].merge(clients, on="client_id")
    joined = accounts.merge(people, on="account_id", validate="one_to_one")
    return pd.DataFrame(
        {
            "account_id": joined["account_id"],
            "birth_date": joined["birth_date"],
            "joined_on": _days(joined["date"]),
            "language": "en",
            "channel_preference": "branch",
            # Nobody was asked in 1998; the benchmark decides as if they had agreed.
            "consent_personalisation": True,
            "consent_marketing": True,
            "sex": joined["sex"],
            "region": joined["region"],
            "district": joined["district"],
            "statement": joined["frequency"].map(STATEMENTS),
        }
    )


def _cards(directory: Path) -> pd.DataFrame:
    cards = _read(directory, "card.asc.gz").rename(columns={"type": "card"})
    held = cards.merge(_read(directory, "disp.asc.gz")[["disp_id", "account_id"]])
    return _holdings(held["account_id"], "card_" + held["card"], _days(held["issued"]))


def _loans(directory: Path) -> pd.DataFrame:
    loans = _read(directory, "loan.asc.gz")
    return _holdings(loans["account_id"], "loan_" + loans["duration"], _days(loans["date"]))


def _orders(
    directory: Path, transactions: pd.DataFrame, accounts: pd.DataFrame, which: Orders
) -> pd.DataFrame:
    """Standing orders, one for each account and kind, that of the earliest payment."""
    orders = _read(directory, "order.asc.gz")
    orders = orders.assign(product_id=orders["k_symbol"].map(ORDER_KINDS)).dropna()
    paid = transactions[transactions["operation"] == REMITTANCE].assign(
        opened_on=lambda table: _days(table["date"])
    )
    keys = ["account_id", "bank", "account", "amount"]
    first = paid.groupby(keys, as_index=False)["opened_on"].min()
    orders = orders.rename(columns={"bank_to": "bank", "account_to": "account"})
    dated = orders.merge(first, on=keys, how="left")
    if which == "all":
        joined_on = accounts.set_index("account_id")["joined_on"]
        dated["opened_on"] = dated["opened_on"].fillna(dated["account_id"].map(joined_on))
    dated = dated.dropna(subset="opened_on").sort_values("opened_on", kind="stable")
    dated = dated.drop_duplicates(["account_id", "product_id"])
    return dated[["account_id", "product_id", "opened_on"]]


def _holdings(
    account_id: pd.Series[str], product_id: pd.Series[str], opened_on: pd.Series[pd.Timestamp]
) -> pd.DataFrame:
    return pd.DataFrame(
        {"account_id": account_id, "product_id": product_id, "opened_on": opened_on}
    )


def _transactions(table: pd.DataFrame) -> pd.DataFrame:
    """Bookings in minor units (haléř); what is paid out is negative."""
    table = table.assign(booked_on=_days(table["date"])).sort_values("booked_on", kind="stable")
    minor = (table["amount"].astype(float) * 100).round().astype("int64")
    balance = (table["balance"].astype(float) * 100).round().astype("int64")
    other = (table["bank"] + " " + table["account"]).str.strip()
    return pd.DataFrame(
        {
            "account_id": table["account_id"],
            "booked_on": table["booked_on"],
            "amount_minor": minor.where(table["type"] == "credit", -minor),
            "currency": "CZK",
            "counterparty": other.where(other != "", "the bank"),
            "scheme": table["operation"].map(SCHEMES).fillna("bank"),
            "description": table["k_symbol"],
            "balance_minor": balance,
        }
    )


def _catalogue(districts: pd.DataFrame) -> Catalogue:
    declared = yaml.safe_load((Path(__file__).parent / "berka.yaml").read_text())
    for name in ("region", "district"):
        declared["attributes"][name]["values"] = sorted(districts[name].unique())
    return parse_catalogue(yaml.safe_dump(declared, sort_keys=False), "bench/berka.yaml")
