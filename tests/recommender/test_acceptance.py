"""The chance that something is accepted when it is shown."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.acceptance import Acceptance
from recommender.model import Model, logistic

TOKENS = ("age:18-24", "occupation:student", "views:mortgage:high")
PRODUCTS = ("savings_account", "mortgage", "credit_card")
EFFECTS = np.array([[0.5, -1.0, 0.2], [1.0, -2.0, 0.0], [0.0, 3.0, 0.0]])
BIAS = np.array([-3.0, -5.0, -4.0])


def model() -> Model:
    rng = np.random.default_rng(1)
    return Model(
        version="v1",
        features_digest="0" * 64,
        vocabulary=TOKENS,
        products=PRODUCTS,
        token_vectors=rng.normal(size=(3, 2)),
        product_vectors=rng.normal(size=(3, 2)),
        product_bias=np.zeros(3),
        calibration_scale=1.0,
        calibration_offset=np.zeros(3),
        acceptance=Acceptance(EFFECTS, BIAS),
    )


@given(st.sets(st.sampled_from([*TOKENS, "never:seen"])))
def test_log_odds_are_the_bias_and_the_sum_of_the_known_tokens_effects(tokens: set[str]) -> None:
    rows = [TOKENS.index(token) for token in tokens if token in TOKENS]
    odds = BIAS + EFFECTS[rows].sum(axis=0)
    expected = [1 / (1 + math.exp(-one)) for one in odds]
    assert model().propensities(tokens, set()) == pytest.approx(expected)


def test_what_is_held_has_no_chance_and_costs_the_others_none() -> None:
    free = model().propensities(TOKENS, set())
    held = model().propensities(TOKENS, {"mortgage", "not_in_the_model"})
    assert held == [free[0], 0.0, free[2]]


@given(st.floats(-1e6, 1e6))
def test_no_log_odds_are_too_far_for_a_chance(odds: float) -> None:
    (chance,) = logistic([odds])
    assert 0.0 <= chance <= 1.0


def test_reasons_are_those_of_what_ranks() -> None:
    moved = model().contributions(("views:mortgage:high",), ("mortgage",))
    assert moved == pytest.approx(np.array([[3.0 - 1.0]]))


def test_without_responses_a_model_ranks_by_what_is_taken_next() -> None:
    plain = replace(model(), acceptance=None)
    assert sum(plain.propensities(TOKENS, set())) == pytest.approx(1.0)
