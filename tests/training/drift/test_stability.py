"""Laws of the population stability index."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.drift.stability import stability_index

counts = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 5000), max_size=6)


@given(counts)
def test_a_distribution_has_not_moved_from_itself(found: dict[str, int]) -> None:
    assert stability_index(found, found) == 0.0


@given(counts, counts)
def test_it_is_never_negative_nor_infinite_and_the_same_both_ways(
    before: dict[str, int], after: dict[str, int]
) -> None:
    moved = stability_index(before, after)
    assert 0 <= moved < np.inf
    assert moved == pytest.approx(stability_index(after, before))


@pytest.mark.parametrize("values", [2, 10, 40])
def test_chance_alone_is_about_nothing_however_many_values(values: int) -> None:
    random = np.random.default_rng(1)
    chances = random.dirichlet(np.full(values, 5.0))
    found = []
    for _ in range(50):
        before, after = (
            {str(k): int(n) for k, n in enumerate(random.multinomial(rows, chances))}
            for rows in (2000, 200)
        )
        found.append(stability_index(before, after))
    assert np.mean(found) < 0.03


def test_a_value_that_was_never_seen_is_a_large_move() -> None:
    assert stability_index({"low": 1000}, {"low": 500, "unheard of": 500}) > 0.25
