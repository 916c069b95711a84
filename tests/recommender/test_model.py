"""The model: propensities are probabilities, and a logit is the sum that explains it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.recommender.models import small_model

VOCABULARY = ("age:18-24", "occupation:student", "holds:current", "interest:saving:high")
PRODUCTS = ("savings", "mortgage", "insurance", "current")
MODEL = small_model(VOCABULARY, PRODUCTS)

tokens = st.lists(st.sampled_from([*VOCABULARY, "never:seen"]), unique=True)
held = st.frozensets(st.sampled_from([*PRODUCTS, "unknown_product"]))


@given(tokens, held)
def test_propensities_sum_to_one_over_what_is_not_held(
    token_list: list[str], holds: frozenset[str]
) -> None:
    propensities = dict(zip(PRODUCTS, MODEL.propensities(token_list, holds), strict=True))
    assert all(propensities[product] == 0 for product in holds & set(PRODUCTS))
    assert sum(propensities.values()) == pytest.approx(0 if holds >= set(PRODUCTS) else 1)


@given(tokens)
def test_tokens_training_never_saw_add_nothing(token_list: list[str]) -> None:
    known = [token for token in token_list if token in VOCABULARY]
    assert MODEL.logits(token_list) == pytest.approx(MODEL.logits(known))


@given(st.lists(st.sampled_from(VOCABULARY), unique=True, min_size=1))
def test_what_tokens_moved_adds_up_to_the_difference_between_products(
    token_list: list[str],
) -> None:
    moved = MODEL.contributions(token_list, PRODUCTS).sum(axis=0)
    logits = MODEL.logits(token_list) - MODEL.logits([])
    assert moved == pytest.approx(logits - logits.mean())
