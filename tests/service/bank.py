"""The demo bank published to a real server, with a random model: what is tested is the service."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import redis

from recommender.account import Account, Consent, Holding
from recommender.features import FeatureSpec
from recommender.live import pack_bundle
from service.publish import Publication, Published, Roll, publish
from tests.recommender.bank import CATALOGUE_FILE, bank, vocabulary
from tests.recommender.models import artefact_files


@lru_cache
def bundle(seed: int = 0) -> tuple[str, bytes]:
    """Version and bytes; another seed gives another model and so another version."""
    catalogue = bank()
    files = artefact_files(
        vocabulary(),
        tuple(catalogue.products),
        features_digest=FeatureSpec.from_catalogue(catalogue).digest,
        seed=seed,
    )
    return pack_bundle(CATALOGUE_FILE.read_text(encoding="utf-8"), files)


def person(account_id: str, **changes: object) -> Account:
    """Someone with a job, a current account and both consents."""
    known: dict[str, object] = {
        "birth_date": date(1990, 5, 1),
        "joined_on": date(2020, 1, 1),
        "language": "en",
        "consent": Consent(personalisation=True, marketing=True),
        "attributes": {"occupation": "employed", "household": "single", "gender": "f"},
        "holdings": (Holding("current_account", date(2020, 1, 1)),),
        "declares": bank().declares,
    }
    return Account(account_id, **(known | changes))  # type: ignore[arg-type]


def publish_bank(
    url: str,
    accounts: Iterable[Account],
    seed: int = 0,
    roll: Roll | None = None,
    **options: object,
) -> Published:
    publication = Publication.model_validate(options)
    with redis.Redis.from_url(url) as client:
        return publish(client, accounts, bundle(seed), publication, roll=roll)
