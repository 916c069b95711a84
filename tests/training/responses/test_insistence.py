"""How wide a level's prior is: what accounts agree on counts, what one of them repeats does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from training.responses import Responses
from training.responses.insistence import insistence

Floats = NDArray[np.float64]

MOVES = 40
LEVEL = -2.0
"""The log odds of accepting, before any move."""


def responses(taken: NDArray[np.bool_], account: NDArray[np.int32]) -> Responses:
    count = len(taken)
    return Responses(
        tokens=csr_matrix(np.zeros((count, 1), dtype=np.float32)),
        vocabulary=("tenure:new",),
        product=np.zeros(count, dtype=np.int64),
        taken=taken,
        account=account,
        held=csr_matrix(np.zeros((count, 1), dtype=np.bool_)),
        moment=np.zeros(count, dtype="datetime64[us]"),
    )


def answers(seed: int, *, spread: float, count: int = 20_000) -> tuple[csr_matrix, Responses]:
    """Offers with one of the moves each, which are `spread` around 0; each to another account."""
    random = np.random.default_rng(seed)
    gone = random.normal(0, 1, MOVES)
    gone *= spread / np.sqrt(np.mean(gone**2))
    which = random.integers(0, MOVES, count)
    moves = csr_matrix((np.ones(count), (np.arange(count), which)), shape=(count, MOVES))
    chances = 1 / (1 + np.exp(-LEVEL - gone[which]))
    everyone = np.arange(count, dtype=np.int32)
    return moves, responses(random.random(count) < chances, everyone)


def insisted(moves: csr_matrix, found: Responses, doubt: float = 1.0) -> float:
    return insistence(moves, found, np.full(len(found), LEVEL), doubt)


@pytest.mark.parametrize("spread", [0.2, 0.4])
def test_the_spread_of_what_accounts_agree_on_is_found(spread: float) -> None:
    found = [insisted(*answers(seed, spread=spread), doubt=0.0) for seed in range(10)]
    assert np.mean(found) == pytest.approx(spread, rel=0.2)


def test_where_nothing_is_to_be_learnt_few_levels_move_and_those_a_little() -> None:
    found = [insisted(*answers(seed, spread=0.0)) for seed in range(50)]
    assert sum(spread > 0 for spread in found) <= 15  # of chance alone, a sixth
    assert max(found) < 0.1


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(0, 99))
def test_whatever_one_account_repeats_is_no_agreement(taken: list[bool], seed: int) -> None:
    flags = np.array(taken)
    moves = csr_matrix(np.random.default_rng(seed).normal(size=(len(flags), 3)))
    one = responses(flags, np.zeros(len(flags), dtype=np.int32))
    assert insisted(moves, one, doubt=1e-6) == 0.0


@given(st.floats(0.01, 100.0), st.integers(0, 5))
def test_moves_in_another_unit_have_a_spread_in_that_unit(unit: float, seed: int) -> None:
    moves, found = answers(seed, spread=0.5, count=2_000)
    assert insisted(unit * moves, found) * unit == pytest.approx(insisted(moves, found))


@given(st.integers(0, 5), st.integers(0, 99))
def test_the_order_of_the_offers_does_not_matter(seed: int, order: int) -> None:
    moves, found = answers(seed, spread=0.3, count=2_000)
    rows = np.random.default_rng(order).permutation(len(found))
    shuffled = responses(found.taken[rows], found.account[rows])
    assert insisted(moves[rows], shuffled) == pytest.approx(insisted(moves, found))
