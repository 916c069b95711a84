"""What a model says of offers is what it says of the accounts, however many are asked at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from recommender.model import Model
from tests.recommender.models import small_model
from training.responses import Responses
from training.responses import known as known_module
from training.responses.known import Known

VOCABULARY = tuple(f"token:{number}" for number in range(6))
PRODUCTS = tuple("abcd")
OFFERS = 25


def asked(seed: int) -> tuple[Model, csr_matrix, Responses]:
    """Offers of products that were not held, to accounts with random tokens and holdings."""
    random = np.random.default_rng(seed)
    tokens = csr_matrix((random.random((OFFERS, len(VOCABULARY))) < 0.5).astype(np.float32))
    product = random.integers(0, len(PRODUCTS), OFFERS)
    held = random.random((OFFERS, len(PRODUCTS))) < 0.3
    held[np.arange(OFFERS), product] = False
    responses = Responses(
        tokens=tokens,
        vocabulary=VOCABULARY,
        product=product,
        taken=np.zeros(OFFERS, dtype=np.bool_),
        account=np.arange(OFFERS, dtype=np.int32),
        held=csr_matrix(held),
        moment=np.zeros(OFFERS, dtype="datetime64[us]"),
    )
    present = csr_matrix(np.hstack([tokens.toarray(), np.ones((OFFERS, 1))]))
    return small_model(VOCABULARY, PRODUCTS, seed=seed), present, responses


def known(seed: int) -> Known:
    model, present, responses = asked(seed)
    return Known.of(model, present, responses, np.arange(len(PRODUCTS)))


@given(st.integers(0, 1_000))
def test_the_chance_of_being_next_is_the_propensity_that_serves(seed: int) -> None:
    model, _, responses = asked(seed)
    for row, said in enumerate(known(seed).log_chance.tolist()):
        tokens = [VOCABULARY[column] for column in responses.tokens[row].indices]
        held = {PRODUCTS[column] for column in responses.held[row].indices}
        serves = model.propensities(tokens, held)[responses.product[row]]
        assert np.exp(said) == pytest.approx(serves, rel=1e-9)


@given(st.integers(0, 1_000), st.integers(1, OFFERS))
def test_how_many_are_asked_at_once_does_not_matter(seed: int, at_once: int) -> None:
    whole = known(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(known_module, "AT_ONCE", at_once)
        parts = known(seed)
    assert parts.log_chance == pytest.approx(whole.log_chance)
    assert parts.table == pytest.approx(whole.table)
