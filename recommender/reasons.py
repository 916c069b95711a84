"""Why a product is shown: the account's tokens that raised it most, and their words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from recommender.features import UNKNOWN

if TYPE_CHECKING:
    from recommender.catalogue import Catalogue
    from recommender.live import Live

MOST = 2
"""Two reasons convince; a list of them does not."""


def strongest(
    tokens: Sequence[str], product_ids: Sequence[str], live: Live
) -> dict[str, tuple[str, ...]]:
    """For each product the model knows, up to two tokens that raised it and that we may say."""
    sayable = [token for token in tokens if token in live.sayable]
    return live.model.strongest(sayable, product_ids, MOST)


def sayable_tokens(vocabulary: Sequence[str], catalogue: Catalogue) -> dict[str, dict[str, str]]:
    """The words of each token that may be given as a reason: token to language to sentence.

    Tokens without words (income, region, crosses, what is unknown) still weigh in the model; they
    are just not what one says to a person.
    """
    words = {token: _words(token, catalogue) for token in vocabulary}
    return {token: sentences for token, sentences in words.items() if sentences}


def _words(token: str, catalogue: Catalogue) -> dict[str, str]:
    name, _, rest = token.partition(":")
    if rest == UNKNOWN:
        return {}
    if name == "holds" and rest in catalogue.products:
        return _fill(catalogue.reasons.holds, catalogue.products[rest].title)
    subject, _, _ = rest.rpartition(":")
    if name == "interest" and subject in catalogue.domains:
        return _fill(catalogue.reasons.interest, catalogue.domains[subject].title)
    if name == "views" and subject in catalogue.products:
        return _fill(catalogue.reasons.views, catalogue.products[subject].title)
    attribute = catalogue.attributes.get(name)
    return dict(attribute.reasons.get(rest, {})) if attribute else {}


def _fill(template: dict[str, str], title: dict[str, str]) -> dict[str, str]:
    return {language: text.format(title=title[language]) for language, text in template.items()}
