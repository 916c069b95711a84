"""Bins mean the same for one value and for a column."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.features import Bins

edges = st.lists(st.integers(0, 100), min_size=1, max_size=6, unique=True).map(sorted)


@given(edges, st.lists(st.integers(-10, 120), min_size=1))
def test_one_value_and_a_column_get_the_same_label(bounds: list[int], values: list[int]) -> None:
    bins = Bins.of_integers(bounds)
    column = np.searchsorted(bins.edges, values, side="right")
    assert [bins.labels[i] for i in column] == [bins.label(value) for value in values]


@given(edges)
def test_every_bin_has_a_label_of_its_own(bounds: list[int]) -> None:
    bins = Bins.of_integers(bounds)
    assert len(set(bins.labels)) == len(bins.edges) + 1


def test_labels_read_as_a_person_would_write_them() -> None:
    assert Bins.of_integers([18, 25, 26]).labels == ("<18", "18-24", "25", "26+")


def test_below_the_lowest_level_there_is_no_label() -> None:
    levels = Bins.of_levels({"high": 5, "low": 0.5})
    assert [levels.label(value) for value in (0.49, 0.5, 4.9, 5)] == ["", "low", "low", "high"]
