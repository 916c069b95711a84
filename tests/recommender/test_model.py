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
    propensities = MODEL.propensities(token_list, holds)
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


def test_the_strongest_reasons_raised_the_product_and_come_strongest_first() -> None:
    moved = MODEL.contributions(VOCABULARY, PRODUCTS)
    for column, product in enumerate(PRODUCTS):
        reasons = MODEL.strongest(VOCABULARY, PRODUCTS, 2)[product]
        gains = [moved[VOCABULARY.index(token), column] for token in reasons]
        assert gains == sorted(gains, reverse=True)
        assert all(gain > 0 for gain in gains)
        assert gains[:1] == [gain for gain in [moved[:, column].max()] if gain > 0]


def test_a_product_the_model_does_not_know_has_no_reasons() -> None:
    assert MODEL.strongest(VOCABULARY, ["brand_new"], 2) == {}
