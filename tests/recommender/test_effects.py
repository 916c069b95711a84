"""Sums of effects: what is summed together is, to the last bit, what is summed alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import effects as module
from recommender.effects import Effects

TOKENS = 60

accounts = st.lists(st.lists(st.integers(0, TOKENS - 1), max_size=40), max_size=30)


def of(products: int) -> tuple[Effects, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(products)
    effects, bias = rng.normal(size=(TOKENS, products)), rng.normal(size=products)
    return Effects(effects, bias), effects, bias


@given(accounts, st.integers(1, 50), st.sampled_from([1, 1_000, module.MOST_ENTRIES]))
def test_who_else_is_summed_changes_no_bit(
    asked: list[list[int]], products: int, most_entries: int
) -> None:
    effects, _, _ = of(products)
    alone = [next(iter(effects.sums([own]))) for own in asked]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_ENTRIES", most_entries)
        assert list(effects.sums(asked)) == alone


@given(accounts, st.integers(1, 50))
def test_a_sum_is_the_bias_and_the_effects_of_the_tokens(
    asked: list[list[int]], products: int
) -> None:
    effects, each, bias = of(products)
    for own, sums in zip(asked, effects.sums(asked), strict=True):
        assert sums == pytest.approx(bias + each[own].sum(axis=0))
