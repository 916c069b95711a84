"""The demo bank in force with a random model: laws must hold whatever the model says."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from recommender.catalogue import Catalogue, parse_catalogue
from recommender.features import FeatureSpec
from recommender.live import Live
from tests.recommender.models import small_model

CATALOGUE_FILE = Path(__file__).parents[2] / "examples" / "bank" / "catalogue.yaml"


@lru_cache
def bank() -> Catalogue:
    return parse_catalogue(CATALOGUE_FILE.read_text(encoding="utf-8"), CATALOGUE_FILE.name)


@lru_cache
def vocabulary() -> tuple[str, ...]:
    return vocabulary_of(bank())


def vocabulary_of(catalogue: Catalogue) -> tuple[str, ...]:
    """Every token the bank's accounts can have, but for crosses and tenure."""
    spec = FeatureSpec.from_catalogue(catalogue)
    levels = [label for label in spec.levels.labels if label]
    return (
        *(f"{name}:{label}" for name, bins in spec.numbers.items() for label in bins.labels),
        *(f"{name}:{label}" for name, labels in spec.categories.items() for label in labels),
        *(f"holds:{product}" for product in catalogue.products),
        *(f"interest:{domain}:{level}" for domain in catalogue.domains for level in levels),
        *(f"views:{product}:{level}" for product in catalogue.products for level in levels),
    )


@lru_cache
def bank_live(seed: int = 0) -> Live:
    return live_of(bank(), seed)


def live_of(catalogue: Catalogue, seed: int = 0) -> Live:
    """In force with a random model; of a catalogue with the bank's own features and products."""
    digest = FeatureSpec.from_catalogue(catalogue).digest
    model = small_model(vocabulary(), tuple(catalogue.products), features_digest=digest, seed=seed)
    return Live.assemble(catalogue, model)
