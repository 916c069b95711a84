from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench import movielens


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two users and three films, in the format of the package that carries MovieLens."""
    ratings = [f"1\t{1 + k % 3}\t4\t{881_250_949 + k}" for k in range(12)]
    ratings += [f"2\t{1 + k % 3}\t5\t{881_250_949 + k}" for k in range(10)]
    users = ["1\t24\tM\ttechnician", "2\t53\tF\tother"]
    films = [f"{item}\tFilm {item}\t1995" for item in (1, 2, 3)]
    files = {
        "inter": ["user_id:token\titem_id:token\trating:float\ttimestamp:float", *ratings],
        "user": ["user_id:token\tage:token\tgender:token\toccupation:token", *users],
        "item": ["item_id:token\tmovie_title:token_seq\trelease_year:token", *films],
    }
    for kind, lines in files.items():
        (tmp_path / f"ml-100k.{kind}").write_text("\n".join(lines) + "\n")
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
