"""A catalogue and a model are bound only when they speak of the same products."""

from __future__ import annotations

import pytest

from recommender.errors import ArtefactError
from recommender.features import FeatureSpec
from recommender.live import Live
from tests.recommender.bank import bank, vocabulary
from tests.recommender.models import small_model


def test_a_model_with_a_product_the_catalogue_lacks_is_refused_by_name() -> None:
    digest = FeatureSpec.from_catalogue(bank()).digest
    products = (*bank().products, "yacht")
    model = small_model(vocabulary(), products, features_digest=digest)
    with pytest.raises(ArtefactError, match=r"does not have: yacht; train again"):
        Live.assemble(bank(), model)
