"""MovieLens 100K, the `ua` split: can our training code do what LightFM's documentation reports?

The ratings come with the `recbole` package, in the order of the original `u.data`. The official
`ua` split is made from that order (`mku.sh`: `allbut.pl ua 1 10 100000 u.data`): the first ten
ratings of each user are the test set, so 9,430 test and 90,570 training rows, the official files'
exact contents.

LightFM's documentation (https://making.lyst.com/lightfm/docs/examples/movielens_implicit.html) has
precision@10 .11 and AUC .90 for WARP, over all users, with the films that a user rated in training
left among the candidates. The figures here are measured that way; those with the training films
removed, which is what anybody would serve, stand beside them.
"""

from __future__ import annotations

import subprocess
import sys
import time
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.stats import rankdata

from bench.figures import OUT, Figure, Skipped, at_least, measured
from bench.tables import through_files
from recommender.catalogue import Catalogue, parse_catalogue
from training.baselines import LifeStagePopularity, Popularity
from training.lightfm_fit import FactorisationConfig, factorise, product_features
from training.snapshots import SnapshotConfig, Snapshots, build_snapshots, snapshots_at

WHEEL = "recbole==1.2.1"
FOLDER = "recbole/dataset_example/ml-100k/"
TEST_RATINGS = 10
ASKED_ON = pd.Timestamp("1998-04-22")
"""The day of the last rating; ages are taken to hold then."""

SEED = 1
FIRST = 10
LEARNING = FactorisationConfig(dimensions=32, epochs=12, learning_rate=0.01)
"""Rows have 200 tokens here, not a dozen; with the usual rate of 0.05 they diverge."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def measure() -> Iterable[Figure]:
    """A row for each training rating: who the user is, and all *other* films he or she rated."""
    catalogue, frames, test_pairs = load(download())
    tables = through_files(frames, catalogue, now=datetime(1998, 4, 23, tzinfo=UTC))
    rows = build_snapshots(tables, catalogue, SnapshotConfig(holdings_order="unknown"))
    everybody = np.arange(len(tables.accounts))
    users = snapshots_at(tables, catalogue, everybody, np.repeat(rows.moment[:1], len(everybody)))
    test, rated = _cells(users, test_pairs), _cells(users, frames["holdings"])

    started = time.perf_counter()
    factors = factorise(rows, product_features(rows.products, catalogue), LEARNING, seed=SEED)
    seconds = time.perf_counter() - started
    vectors = users.tokens @ factors.token_vectors
    scores = {"": vectors @ factors.product_vectors.T + factors.product_bias}
    nobody_rated = replace(users, held=csr_matrix(np.zeros_like(rated)))
    scores["popularity."] = Popularity.fit(rows).propensities(nobody_rated)
    scores["life_stage_popularity."] = LifeStagePopularity.fit(rows).propensities(nobody_rated)

    ours = scores.pop("")
    yield at_least("movielens.precision_at_10", precision(ours, test), "share", 0.11)
    yield at_least("movielens.auc", auc(ours, test), "share", 0.90)
    yield measured("movielens.fit_seconds", seconds, "s")
    yield from _unseen_films("movielens.", ours, test, rated)
    for name, theirs in scores.items():
        yield measured(f"movielens.{name}precision_at_10", precision(theirs, test), "share")
        yield measured(f"movielens.{name}auc", auc(theirs, test), "share")
        yield from _unseen_films(f"movielens.{name}", theirs, test, rated)


def _unseen_films(name: str, scores: Floats, test: Flags, rated: Flags) -> Iterable[Figure]:
    left = np.where(rated, -np.inf, scores)
    yield measured(f"{name}train_removed.precision_at_10", precision(left, test), "share")
    yield measured(f"{name}train_removed.auc", auc(left, test), "share")


def precision(scores: Floats, test: Flags, first: int = FIRST) -> float:
    """The mean, over users, of the share of the `first` films that are in the test set.

    >>> precision(np.array([[3.0, 2.0, 1.0]]), np.array([[True, False, True]]), first=2)
    0.5
    """
    best = np.argpartition(-scores, first - 1, axis=1)[:, :first]
    return float(np.take_along_axis(test, best, axis=1).mean())


def auc(scores: Floats, test: Flags) -> float:
    """The mean, over users, of the chance that a test film is ranked before another.

    Films with a score of -inf are no candidates.

    >>> auc(np.array([[3.0, 2.0, 1.0, -np.inf]]), np.array([[False, True, False, False]]))
    0.5
    """
    removed = np.isneginf(scores).sum(axis=1)
    positives = test.sum(axis=1)
    negatives = scores.shape[1] - removed - positives
    above = (rankdata(scores, axis=1) * test).sum(axis=1) - positives * removed
    above -= positives * (positives + 1) / 2
    return float((above / (positives * negatives)).mean())


def _cells(users: Snapshots, pairs: pd.DataFrame) -> Flags:
    """(users, films): True for each of the `pairs`."""
    row = pd.Index(users.account_ids).get_indexer(pd.Index(pairs["account_id"]))
    column = pd.Index(users.products).get_indexer(pd.Index(pairs["product_id"]))
    cells = np.zeros(users.held.shape, dtype=np.bool_)
    cells[row, column] = True
    return cells


def download() -> Path:
    """The folder of the MovieLens files, fetched once into bench/out/.

    Raises:
        Skipped: they are not here and cannot be fetched.
    """
    folder = OUT / "movielens"
    files = ("ml-100k.inter", "ml-100k.user", "ml-100k.item")
    if all((folder / name).exists() for name in files):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    command = ["pip", "download", "--quiet", "--no-deps", "--dest", str(folder), WHEEL]
    fetched = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, check=False
    )
    wheels = list(folder.glob("recbole-*.whl"))
    if fetched.returncode or not wheels:
        raise Skipped(f"cannot fetch {WHEEL}: {fetched.stderr.strip().splitlines()[-1:]}")
    with zipfile.ZipFile(wheels[0]) as wheel:
        for name in files:
            (folder / name).write_bytes(wheel.read(FOLDER + name))
    wheels[0].unlink()
    return folder


def split_ua(ratings: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Training and test rows of `ratings`, which stand in the order of `u.data`.

    >>> train, test = split_ua(pd.DataFrame({"user_id": ["1"] * 12 + ["2"] * 11}))
    >>> list(train.index), len(test)
    ([10, 11, 22], 20)
    """
    first = ratings.groupby("user_id").cumcount() < TEST_RATINGS
    return ratings[~first], ratings[first]


def _read(folder: Path, kind: str) -> pd.DataFrame:
    table = pd.read_csv(folder / f"ml-100k.{kind}", sep="\t", dtype=str)
    return table.rename(columns=lambda name: name.split(":")[0])


def load(folder: Path) -> tuple[Catalogue, dict[str, pd.DataFrame], pd.DataFrame]:
    """The catalogue, the tables of the training ratings, and the test pairs.

    Every rated movie is a product taken, whatever the rating, as in LightFM's documentation. Test
    pairs are (account_id, product_id).
    """
    users, items = _read(folder, "user"), _read(folder, "item")
    ratings = _read(folder, "inter")
    ratings = pd.DataFrame(
        {
            "account_id": ratings["user_id"],
            "user_id": ratings["user_id"],
            "product_id": "movie_" + ratings["item_id"],
            "opened_on": pd.to_datetime(ratings["timestamp"].astype(float), unit="s").dt.floor("D"),
        }
    )
    train, test = split_ua(ratings)
    years = pd.to_numeric(users["age"])
    accounts = pd.DataFrame(
        {
            "account_id": users["user_id"],
            "birth_date": [ASKED_ON - pd.DateOffset(years=int(age)) for age in years],
            "joined_on": users["user_id"].map(ratings.groupby("user_id")["opened_on"].min()),
            "language": "en",
            "channel_preference": "web",
            "consent_personalisation": True,
            "consent_marketing": True,
            "sex": users["gender"].str.lower(),
            "occupation": users["occupation"],
        }
    )
    frames = {
        "accounts": accounts,
        "holdings": train[["account_id", "product_id", "opened_on"]].assign(
            closed_on=pd.Series(pd.NaT, train.index, "datetime64[us]")
        ),
    }
    return _catalogue(users, items), frames, test[["account_id", "product_id"]]


def _catalogue(users: pd.DataFrame, items: pd.DataFrame) -> Catalogue:
    declared = {
        "name": "movielens-100k",
        "version": "1998-04",
        "currency": "USD",
        "languages": ["en"],
        "life_stage": ["occupation"],
        "features": {
            "age": {"bins": [18, 25, 35, 45, 50, 56]},
            "domain_interest": False,
            "product_interest": False,
            "identity": True,
        },
        "attributes": {
            "sex": {
                "type": "category",
                "values": ["f", "m"],
                "uses": ["model"],
                "label": {"en": "sex"},
            },
            "occupation": {
                "type": "category",
                "values": sorted(users["occupation"].unique()),
                "uses": ["model"],
                "label": {"en": "occupation"},
            },
        },
        "domains": {"film": {"title": {"en": "Film"}}},
        "products": {
            f"movie_{item}": {
                "domain": "film",
                "type": "film",
                "title": {"en": str(title)},
                "message": {"en": "Watch it."},
                "url": f"/movies/{item}",
            }
            for item, title in zip(items["item_id"], items["movie_title"], strict=True)
        },
    }
    return parse_catalogue(yaml.safe_dump(declared, sort_keys=False), "bench/movielens.py")
