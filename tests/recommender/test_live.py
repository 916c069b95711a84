"""A catalogue and a model are bound only when they speak of the same products; what was in force
before can be read again.
"""

from __future__ import annotations

from datetime import date

import pytest

from recommender.catalogue import parse_catalogue, read_again
from recommender.catalogue.terms import turning_days
from recommender.decide import decide
from recommender.errors import ArtefactError, CatalogueError
from recommender.features import FeatureSpec
from recommender.live import Live, pack_bundle, read_bundle
from recommender.request import Request
from tests.recommender.accounts import AT
from tests.recommender.bank import CATALOGUE_FILE, bank, vocabulary
from tests.recommender.models import artefact_files, small_model
from tests.recommender.test_decide import STUDENT

TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")
LEVER = "{factor: 1.0, until: 2027-12-31, owner: marketing}"


def of_then(right: str, other: str) -> str:
    assert right in TEXT
    return TEXT.replace(right, other, 1)


OF_THEN = {
    "a lever that is a bare number": of_then(LEVER, "1.5"),
    "a lever that a blank answers for": of_then("owner: marketing}", "owner: ' '}"),
    "levers that are too much together": of_then(
        f"  domain:\n    housing: {LEVER}", "  domain: {housing: 10}\n  product: {mortgage: 10}"
    ),
    "a policy over nothing": of_then("applies_to: {types: [credit]}", "applies_to: {}"),
    "an action called like a product": of_then("\n  complaint_status:", "\n  mortgage:").replace(
        "action: complaint_status", "action: mortgage"
    ),
    "a rule called as we call one now": of_then("{id: needs_income,", "{id: objected,"),
    "a product that nobody can get": of_then(
        "applies_to: {types: [credit]}\n    when: {not: {projected_shortfall: true}}",
        "applies_to: {types: [credit]}\n    when: {age: {below: 18}}",
    ),
}
"""What one version of Raak or another put in force, and this one would not."""


@pytest.mark.parametrize("text", OF_THEN.values(), ids=OF_THEN)
def test_what_was_in_force_before_is_read_again_though_it_is_refused_anew(text: str) -> None:
    with pytest.raises(CatalogueError):
        parse_catalogue(text)
    products = tuple(bank().products)
    digest = FeatureSpec.from_catalogue(bank()).digest
    files = artefact_files(vocabulary(), products, features_digest=digest)
    live = read_bundle(*pack_bundle(text, files))
    assert decide(STUDENT, Request(AT), live).shown


def test_a_bare_lever_of_then_lasts() -> None:
    levers = read_again(OF_THEN["a lever that is a bare number"]).levers
    assert levers.on(date.max).of("mortgage", "housing") == 1.5
    assert turning_days(read_again(OF_THEN["a lever that is a bare number"])) == ()


def test_read_again_it_says_the_same() -> None:
    assert read_again(TEXT).digest == parse_catalogue(TEXT).digest


def test_what_cannot_be_understood_is_refused_whenever_it_was_in_force() -> None:
    with pytest.raises(CatalogueError, match="unknown attribute"):
        read_again(of_then("{age: {at_least: 18}}", "{aeg: {at_least: 18}}"))


def test_a_model_with_a_product_the_catalogue_lacks_is_refused_by_name() -> None:
    digest = FeatureSpec.from_catalogue(bank()).digest
    products = (*bank().products, "yacht")
    model = small_model(vocabulary(), products, features_digest=digest)
    with pytest.raises(ArtefactError, match=r"does not have: yacht; train again"):
        Live.assemble(bank(), model)
