from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.world.draws import pick, pick_like, repeated

weights = arrays(np.float32, (4, 5), elements=st.floats(0, 10, width=32)).filter(
    lambda table: bool((table.sum(axis=1) > 0.01).all())
)


@given(weights, st.integers(0, 2**32))
def test_what_has_no_weight_is_never_picked(table: np.ndarray, seed: int) -> None:
    rows = np.repeat(np.arange(4), 50)
    chosen = pick(np.random.default_rng(seed), table[rows])
    likewise = pick_like(np.random.default_rng(seed), rows, table)
    assert (table[rows, chosen] > 0).all()
    assert (table[rows, likewise] > 0).all()


def test_choices_come_in_proportion_to_their_weights() -> None:
    table = np.array([[1, 0, 3], [0, 5, 5]], np.float32)
    rows = np.repeat([0, 1], 20_000)
    for chosen in (
        pick(np.random.default_rng(1), table[rows]),
        pick_like(np.random.default_rng(2), rows, table),
    ):
        counts = np.stack([np.bincount(chosen[rows == row], minlength=3) for row in (0, 1)])
        np.testing.assert_allclose(counts / 20_000, [[0.25, 0, 0.75], [0, 0.5, 0.5]], atol=0.015)


def test_each_position_is_repeated_as_often_as_its_count() -> None:
    assert repeated(np.array([2, 0, 1])).tolist() == [0, 0, 2]
