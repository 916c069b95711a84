from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench import movielens


def write(folder: Path, ratings: list[str], users: list[str], films: list[str]) -> None:
    """The three files, in the format of the package that carries MovieLens."""
    files = {
        "inter": ["user_id:token\titem_id:token\trating:float\ttimestamp:float", *ratings],
        "user": ["user_id:token\tage:token\tgender:token\toccupation:token", *users],
        "item": ["item_id:token\tmovie_title:token_seq\trelease_year:token", *films],
    }
    for kind, lines in files.items():
        (folder / f"ml-100k.{kind}").write_text("\n".join(lines) + "\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two users and three films."""
    ratings = [f"1\t{1 + k % 3}\t4\t{881_250_949 + k}" for k in range(12)]
    ratings += [f"2\t{1 + k % 3}\t5\t{881_250_949 + k}" for k in range(10)]
    users = ["1\t24\tM\ttechnician", "2\t53\tF\tother"]
    write(tmp_path, ratings, users, [f"{film}\tFilm {film}\t1995" for film in (1, 2, 3)])
    return tmp_path


def test_the_first_ten_ratings_of_each_user_are_the_test(folder: Path) -> None:
    catalogue, frames, test = movielens.load(folder)
    assert list(catalogue.products) == ["movie_1", "movie_2", "movie_3"]
    assert len(frames["holdings"]) == 2
    assert test["account_id"].value_counts().to_dict() == {"1": 10, "2": 10}


def test_ages_are_those_in_the_file(folder: Path) -> None:
    _, frames, _ = movielens.load(folder)
    born = frames["accounts"]["birth_date"]
    assert born.tolist() == [pd.Timestamp("1974-04-22"), pd.Timestamp("1945-04-22")]


@pytest.fixture
def two_tastes(tmp_path: Path) -> Path:
    """Forty users of two tastes and forty films of two kinds; each rates 16 films of one kind."""
    random = np.random.default_rng(1)
    ratings, users = [], []
    for user in range(40):
        users.append(f"{user}\t30\t{'MF'[user % 2]}\tother")
        films = random.choice(20, size=16, replace=False) + 20 * (user % 2)
        ratings += [f"{user}\t{film}\t4\t{881_250_949 + user}" for film in films]
    write(tmp_path, ratings, users, [f"{film}\tFilm {film}\t1995" for film in range(40)])
    return tmp_path


def test_the_training_code_finds_out_whose_taste_is_whose(
    two_tastes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(movielens, "download", lambda: two_tastes)
    figures = {figure.name: figure.value for figure in movielens.measure()}
    assert figures["movielens.train_removed.auc"] > 0.8
    assert figures["movielens.train_removed.auc"] > figures["movielens.popularity.auc"]
    assert figures["movielens.precision_at_10"] > 0
