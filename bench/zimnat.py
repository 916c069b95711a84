"""Zimnat: 17,362 customers of an insurer and the 21 products they hold, one of them hidden.

Five folds of customers. A fold's model learns from the others' holdings, each a target in turn
with the rest as context, and is asked for the one hidden product of each customer it never saw.
Marks tried on this file: LightGBM .883 (log loss .379), logistic regression .878 (.393), LightFM
.874, popularity .772 (1.26).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from bench.figures import Figure, at_least, at_most, measured, shared_data
from bench.tables import no_rows, through_files
from recommender.catalogue import Catalogue, parse_catalogue
from recommender.tables import EVENTS, TRANSACTIONS
from training.baselines import fit_baselines
from training.corrections import CorrectionsConfig
from training.evaluation import Metrics, Scorer, evaluate
from training.hybrid import Hybrid, HybridConfig
from training.snapshots import SnapshotConfig, Snapshots, build_snapshots

FOLDS = 5
SEED = 1
NOW = datetime(2020, 12, 31, tzinfo=UTC)
AGE_BINS = [25, 30, 35, 40, 45, 50, 55, 60]
RARE = 20
"""Branches and occupations of fewer customers are one value, `rare`."""

CONFIG = HybridConfig(
    corrections=CorrectionsConfig(epochs=16, trust=0.5, doubt=0.0, l1=2.0, learning_rate=0.8)
)
"""Two products make up most of the answers, and what tells them apart is a matter of fine shades:
more passes and a smaller penalty than for a bank whose products are all taken now and then. Chosen
on folds drawn by another seed, where the defaults lose .0015 of hit@1 and .006 of the log loss."""

CONTEXT = {
    "sex": "sex",
    "marital_status": "marital",
    "branch_code": "branch",
    "occupation_code": "occupation",
    "occupation_category_code": "occupation_category",
}
FIRST_PRODUCT = 8
"""The file's columns from here on are products, 0 or 1."""


def measure() -> Iterable[Figure]:
    """Means over the folds, ours and each baseline's."""
    catalogue, frames = load(shared_data("zimnat"))
    tables = through_files(frames, catalogue, now=NOW)
    rows = build_snapshots(tables, catalogue, SnapshotConfig(holdings_order="unknown"))
    fold, asked = folds_and_questions(rows)
    results = [_one_fold(rows, catalogue, fold == number, asked) for number in range(FOLDS)]
    for scorer in results[0]:
        name = "zimnat" if scorer == "hybrid" else f"zimnat.{scorer}"
        hits = [result[scorer].hit_at_1.value for result in results]
        losses = [result[scorer].log_loss.value for result in results]
        if scorer == "hybrid":
            yield at_least(f"{name}.hit_at_1", float(np.mean(hits)), "share", 0.872)
            yield at_most(f"{name}.log_loss", float(np.mean(losses)), "nats", 0.40)
            yield measured(f"{name}.hit_at_1_worst_fold", min(hits), "share")
        else:
            yield measured(f"{name}.hit_at_1", float(np.mean(hits)), "share")
            yield measured(f"{name}.log_loss", float(np.mean(losses)), "nats")


def folds_and_questions(rows: Snapshots) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The fold of each row's customer, and whether the row is that customer's question.

    One row of each customer is drawn: its product is the hidden one when the customer is tested.
    """
    random = np.random.default_rng(SEED)
    fold = random.permutation(len(rows.account_ids)) % FOLDS
    drawn = pd.Series(random.random(len(rows))).groupby(rows.account).idxmax().to_numpy()
    asked = np.zeros(len(rows), dtype=np.bool_)
    asked[drawn] = True
    return fold[rows.account], asked


def _one_fold(
    rows: Snapshots, catalogue: Catalogue, tested: NDArray[np.bool_], asked: NDArray[np.bool_]
) -> dict[str, Metrics]:
    train, test = rows.take(~tested), rows.take(tested & asked)
    hybrid = Hybrid.fit(train, catalogue, CONFIG, seed=SEED)
    scorers: dict[str, Scorer] = {"hybrid": hybrid, **fit_baselines(train, seed=SEED)}
    return dict(evaluate(scorers, test, name="unseen customers", seed=SEED, resamples=50).metrics)


def load(directory: Path) -> tuple[Catalogue, dict[str, pd.DataFrame]]:
    """The catalogue and the tables of `train.csv.gz` in `directory`."""
    customers = pd.read_csv(directory / "train.csv.gz")
    joined = pd.to_datetime(customers["join_date"], format="%d/%m/%Y", errors="coerce")
    joined = joined.astype("datetime64[us]")
    context = pd.DataFrame({new: _values(customers[old]) for old, new in CONTEXT.items()})
    # What was sold differed from year to year, and from branch to branch within a year.
    for period, name in (("Y", "joined_year"), ("Q", "joined_quarter")):
        context[name] = _values("in_" + joined.dt.to_period(period).astype("string").str.lower())
    accounts = pd.DataFrame(
        {
            "account_id": customers["ID"],
            "birth_date": pd.to_datetime(customers["birth_year"].astype(str) + "-01-01"),
            "joined_on": joined,
            "language": "en",
            "channel_preference": "branch",
            # The file says nothing of consent; the benchmark decides as if it had been given.
            "consent_personalisation": True,
            "consent_marketing": True,
            **context,
        }
    )
    held = customers.set_index("ID").iloc[:, FIRST_PRODUCT - 1 :]
    held.columns = pd.Index([_product(name) for name in held.columns])
    person, product = np.nonzero(held.to_numpy())
    holdings = pd.DataFrame(
        {
            "account_id": held.index.to_numpy()[person],
            "product_id": held.columns.to_numpy()[product],
            # No product has a date; all of them were there when the file was made.
            "opened_on": pd.Timestamp("2020-07-01"),
            "closed_on": pd.NaT,
        }
    ).astype({"opened_on": "datetime64[us]", "closed_on": "datetime64[us]"})
    frames = {
        "accounts": accounts,
        "holdings": holdings,
        "events": no_rows(EVENTS),
        "transactions": no_rows(TRANSACTIONS),
    }
    return _catalogue(list(held.columns), context), frames


def _values(codes: pd.Series[str]) -> pd.Series[str]:
    """Codes as category values: lower case, one spelling, rare ones together."""
    plain = codes.astype("string").str.lower()
    frequent = plain.map(plain.value_counts()) >= RARE
    return plain.where(frequent | plain.isna(), "rare")


def _product(name: str) -> str:
    """`8NN1` cannot be an id, which begins with a letter; `p_8nn1` can."""
    return f"p_{name.lower()}"


def _catalogue(products: list[str], context: pd.DataFrame) -> Catalogue:
    """One life domain and one type: the file does not say what its products are."""
    declared = {
        "name": "zimnat",
        "version": "1",
        "currency": "ZWL",
        "languages": ["en"],
        "life_stage": ["age"],
        "features": {
            "age": {"bins": AGE_BINS},
            "holdings": True,
            "crosses": [["branch", "joined_year"]],
        },
        "attributes": {
            name: {
                "type": "category",
                "values": sorted(context[name].dropna().unique().tolist()),
                "uses": ["model"],
            }
            for name in context
        },
        "domains": {"insurance": {"title": {"en": "Insurance"}}},
        "products": {
            product: {
                "domain": "insurance",
                "type": product,
                "title": {"en": product},
                "message": {"en": product},
                "url": f"/{product}",
            }
            for product in products
        },
    }
    return parse_catalogue(yaml.safe_dump(declared, sort_keys=False), "zimnat.yaml")
