"""The one door to LightFM: factorise which tokens go with which products.

WARP (Weston, Bengio and Usunier 2011) on rows whose features are tokens, as LightFM (Kula 2015,
https://arxiv.org/abs/1507.08439) sums them. Rows are not normalised: with several tokens each that
learns better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from lightfm import LightFM
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from scipy.sparse import coo_matrix, csr_matrix

from recommender.catalogue import Catalogue
from training.snapshots import Snapshots

Floats = NDArray[np.float64]


class FactorisationConfig(BaseModel):
    """How LightFM learns. One thread gives equal bytes for equal inputs; two do not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dimensions: int = Field(default=64, ge=1)
    epochs: int = Field(default=20, ge=1)
    learning_rate: float = Field(default=0.05, gt=0)
    max_sampled: int = Field(default=10, ge=1)
    token_alpha: float = Field(default=0.0, ge=0)
    product_alpha: float = Field(default=0.0, ge=0)
    threads: int = Field(default=1, ge=1)


@dataclass(frozen=True, eq=False)
class Factors:
    """Vectors of tokens (T, d) and products (P, d), and the products' biases (P,).

    LightFM's biases of tokens are left behind: they raise all products of a row alike, so they
    change neither an order nor a softmax.
    """

    token_vectors: Floats
    product_vectors: Floats
    product_bias: Floats


def factorise(
    snapshots: Snapshots, features: csr_matrix, config: FactorisationConfig, *, seed: int
) -> Factors:
    """Learn from `snapshots`, each row and its target; `features` is (P, product features)."""
    learner = LightFM(
        no_components=config.dimensions,
        loss="warp",
        learning_rate=config.learning_rate,
        max_sampled=config.max_sampled,
        user_alpha=config.token_alpha,
        item_alpha=config.product_alpha,
        random_state=seed,
    )
    learner.fit(
        interactions(snapshots),
        user_features=snapshots.tokens,
        item_features=features,
        epochs=config.epochs,
        num_threads=config.threads,
    )
    return Factors(
        token_vectors=learner.user_embeddings.astype(np.float64),
        product_vectors=features @ learner.item_embeddings.astype(np.float64),
        product_bias=features @ learner.item_biases.astype(np.float64),
    )


def interactions(snapshots: Snapshots) -> coo_matrix:
    """(n, P) float32 with a 1 where a row took a product."""
    count = len(snapshots)
    shape = (count, len(snapshots.products))
    rows = np.arange(count, dtype=np.int32)
    return coo_matrix((np.ones(count, np.float32), (rows, snapshots.target)), shape=shape)


def product_features(products: Sequence[str], catalogue: Catalogue) -> csr_matrix:
    """(P, features) float32: each product is itself, of a life domain and of a type.

    What products of a domain share is learnt once, so a product that few took starts from there.
    """
    declared = [catalogue.products[product] for product in products]
    domains = sorted({product.domain for product in declared})
    types = sorted({product.type for product in declared})
    count = len(declared)
    columns = [
        np.arange(count),
        count + np.array([domains.index(product.domain) for product in declared]),
        count + len(domains) + np.array([types.index(product.type) for product in declared]),
    ]
    shape = (count, count + len(domains) + len(types))
    rows = np.tile(np.arange(count), len(columns))
    return csr_matrix((np.ones(len(rows), np.float32), (rows, np.concatenate(columns))), shape)
