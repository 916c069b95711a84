"""The guard must catch what looks ahead, and only that."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recommender.catalogue import Catalogue
from training.leakage import LeakError, find_leaks, guard
from training.snapshots import Snapshots, build, context, snapshots_at, tokens
from training.snapshots.moments import Instants, Moments, Positions
from training.tables import Tables

MANY = 25


def test_snapshots_as_they_are_built_know_nothing_of_later(
    snapshots: Snapshots, world: Tables, catalogue: Catalogue
) -> None:
    assert find_leaks(snapshots, world, catalogue, seed=3, moments=MANY) == []


def test_features_of_a_day_later_are_caught(
    snapshots: Snapshots, world: Tables, catalogue: Catalogue
) -> None:
    """The commonest leak: the day of the taking is in the row, and with it the product taken."""
    later = snapshots_at(
        world, catalogue, snapshots.account, snapshots.moment + np.timedelta64(1, "D")
    )
    planted = replace(later, moment=snapshots.moment, target=snapshots.target)
    with pytest.raises(LeakError, match="look past their moment"):
        guard(planted, world, catalogue, seed=3)


def test_todays_attributes_in_yesterdays_rows_are_caught(
    world: Tables, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def today(tables: Tables, catalogue: Catalogue, moments: Moments) -> dict[str, context.Floats]:
        return {
            name: context.numbers_of(tables.accounts[name], attribute)[moments.account]
            for name, attribute in catalogue.attributes.items()
        }

    monkeypatch.setattr(tokens, "attributes_at", today)
    planted = build.build_snapshots(world, catalogue)
    leaks = find_leaks(planted, world, catalogue, seed=3, moments=MANY)
    assert any("occupation" in token for leak in leaks for token in leak.told)


def test_events_of_the_same_day_are_caught(
    world: Tables, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Moments.first_after

    def a_day_early(self: Moments, account: Positions, at: Instants) -> Positions:
        return honest(self, account, np.subtract(at, np.timedelta64(1, "D")))

    monkeypatch.setattr(Moments, "first_after", a_day_early)
    planted = build.build_snapshots(world, catalogue)
    leaks = find_leaks(planted, world, catalogue, seed=3, moments=MANY)
    assert any(token.startswith("views:") for leak in leaks for token in leak.told)


def test_one_token_too_many_in_one_row_is_named(
    snapshots: Snapshots, world: Tables, catalogue: Catalogue
) -> None:
    marked = snapshots.tokens.tolil()
    column = snapshots.vocabulary.index("holds:estate_planning")
    marked[7, column] = 1 - marked[7, column]
    planted = replace(snapshots, tokens=marked.tocsr())
    every = len(np.unique(snapshots.moment))
    only = planted.take(planted.moment == planted.moment[7])
    (leak,) = find_leaks(only, world, catalogue, seed=3, moments=every)
    assert leak.account_id == snapshots.account_ids[snapshots.account[7]]
    assert "holds:estate_planning" in str(leak)
