"""The law of ids that come once: what a set says of each row, however the rows are cut."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.tables.given import GivenIds

ids = st.lists(st.sampled_from([None, *"abcdefgh"]), max_size=20)
cuts = st.lists(st.integers(0, 20), max_size=4)


def said_of(rows: list[str | None], cut: list[int]) -> list[bool]:
    """What `GivenIds` says of `rows`, cut into pieces at the places of `cut`."""
    known = GivenIds()
    edges = sorted({0, *(min(place, len(rows)) for place in cut), len(rows)})
    pieces = [pd.Series(rows[first:last], dtype="str") for first, last in pairwise(edges)]
    return [bool(again) for piece in pieces for again in known.before(piece)]


def expected_of(rows: list[str | None]) -> list[bool]:
    return [name is not None and name in rows[:place] for place, name in enumerate(rows)]


@given(rows=ids, cut=cuts)
def test_an_id_was_given_before_if_an_earlier_row_has_it(
    rows: list[str | None], cut: list[int]
) -> None:
    assert said_of(rows, cut) == expected_of(rows)


@given(rows=ids, cut=cuts)
def test_equal_hashes_alone_make_no_two_ids_one(rows: list[str | None], cut: list[int]) -> None:
    def alike(values: np.ndarray, *, categorize: bool) -> np.ndarray:  # pandas' own
        return np.full(len(values), 7, dtype=np.uint64)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pd.util, "hash_array", alike)
        assert said_of(rows, cut) == expected_of(rows)
