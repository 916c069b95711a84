"""The policies that are compared, all of them models that the same `decide` ranks by."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recommender.acceptance import Acceptance
from recommender.catalogue import Catalogue
from recommender.features import FeatureSpec
from recommender.model import Model
from training.baselines import LifeStagePopularity
from training.responses import Responses

Floats = NDArray[np.float64]

ALIKE = 40.0
"""So many offers, taken as in the whole, are added to a product's and to a life stage's own."""


def life_stage_tokens(catalogue: Catalogue) -> tuple[str, ...]:
    """The tokens that say in which life stage an account is: the catalogue crosses them."""
    spec = FeatureSpec.from_catalogue(catalogue)
    name = "*".join(spec.life_stage)
    first, second = ((*spec.categories[one], "unknown") for one in spec.life_stage)
    return tuple(f"{name}:{one}*{other}" for one in first for other in second)


def empty_model(catalogue: Catalogue, vocabulary: tuple[str, ...]) -> Model:
    """A model that knows tokens and says nothing: the order is a hash's."""
    products = tuple(catalogue.products)
    return Model(
        version="none",
        features_digest=FeatureSpec.from_catalogue(catalogue).digest,
        vocabulary=vocabulary,
        products=products,
        token_vectors=np.zeros((len(vocabulary), len(products))),
        product_vectors=np.eye(len(products)),
        product_bias=np.zeros(len(products)),
        calibration_scale=1.0,
        calibration_offset=np.zeros(len(products)),
    )


def most_taken(popularity: LifeStagePopularity, catalogue: Catalogue) -> Model:
    """What people in one's life stage take most, offered or not."""
    tokens = life_stage_tokens(catalogue)
    place = {_stage(stage): row for row, stage in enumerate(popularity.stages)}
    shares = np.log(popularity.shares)
    own = shares[[place.get(token.partition(":")[2], len(shares) - 1) for token in tokens]]
    plain = empty_model(catalogue, tokens)
    return replace(
        plain, version="most-taken", token_vectors=own - shares[-1], product_bias=shares[-1]
    )


def best_accepted(responses: Responses, catalogue: Catalogue) -> Model:
    """What people in one's life stage accept most often of what they are shown."""
    tokens = life_stage_tokens(catalogue)
    columns = [responses.vocabulary.index(token) for token in tokens]
    count = len(catalogue.products)
    of_product = np.eye(count)[responses.product]
    stage = responses.tokens[:, columns]
    taken_of_product = of_product * responses.taken[:, None]
    shown, taken = stage.T @ of_product, stage.T @ taken_of_product
    overall = responses.taken.mean()
    rate = (taken_of_product.sum(axis=0) + ALIKE * overall) / (of_product.sum(axis=0) + ALIKE)
    own = (taken + ALIKE * rate) / (shown + ALIKE)
    effects = _log_odds(own) - _log_odds(rate)
    plain = empty_model(catalogue, tokens)
    return replace(plain, version="best-accepted", acceptance=Acceptance(effects, _log_odds(rate)))


def _log_odds(chance: Floats) -> Floats:
    return np.log(chance / (1 - chance))


def _stage(name: object) -> str:
    return str(name).replace("/", "*")
