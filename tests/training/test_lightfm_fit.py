"""What is learnt depends on the rows and the seed alone, and products share what their kind has."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from recommender.catalogue import Catalogue
from tests.training.rows import made_up
from training.lightfm_fit import FactorisationConfig, factorise, interactions, product_features

QUICK = FactorisationConfig(dimensions=4, epochs=3)


def test_equal_rows_and_seeds_give_equal_bytes_and_another_seed_gives_others() -> None:
    rows = made_up(1)
    features = csr_matrix(np.eye(len(rows.products), dtype=np.float32))
    one, same = (factorise(rows, features, QUICK, seed=5) for _ in range(2))
    other = factorise(rows, features, QUICK, seed=6)
    assert one.token_vectors.tobytes() == same.token_vectors.tobytes()
    assert one.product_vectors.tobytes() == same.product_vectors.tobytes()
    assert one.product_bias.tobytes() == same.product_bias.tobytes()
    assert one.token_vectors.tobytes() != other.token_vectors.tobytes()


def test_what_follows_from_the_tokens_is_learnt() -> None:
    rows = made_up(1, rows=2000)
    features = csr_matrix(np.eye(len(rows.products), dtype=np.float32))
    learnt = factorise(rows, features, FactorisationConfig(dimensions=8, epochs=15), seed=1)
    scores = (rows.tokens @ learnt.token_vectors) @ learnt.product_vectors.T + learnt.product_bias
    first = np.where(rows.held.toarray(), -np.inf, scores).argmax(axis=1)
    most_taken = np.bincount(rows.target).max() / len(rows)
    assert (first == rows.target).mean() > most_taken + 0.2


def test_each_row_is_positive_for_its_target_only() -> None:
    rows = made_up(2)
    given = interactions(rows).toarray()
    assert (given.argmax(axis=1) == rows.target).all()
    assert ((given > 0).sum(axis=1) == 1).all()


def test_a_product_is_itself_and_of_its_domain_and_type(catalogue: Catalogue) -> None:
    products = tuple(catalogue.products)
    features = product_features(products, catalogue)
    assert (features[:, : len(products)].toarray() == np.eye(len(products))).all()
    assert (features.sum(axis=1) == 3).all()
    shared = (features[:, len(products) :] @ features[:, len(products) :].T).toarray()
    for row, one in enumerate(products):
        for column, other in enumerate(products):
            a, b = catalogue.products[one], catalogue.products[other]
            assert shared[row, column] == (a.domain == b.domain) + (a.type == b.type)
