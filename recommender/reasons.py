"""Why a product is shown: the account's tokens that raised it most, and their words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from recommender.features import UNKNOWN

if TYPE_CHECKING:
    from recommender.catalogue import Catalogue
    from recommender.live import Live
    from recommender.model import Model

MOST = 2
"""Two reasons convince; a list of them does not."""


class Reason(msgspec.Struct, frozen=True):
    """Why something is shown: `code` is the name of the token, `text` what we say of it."""

    code: str
    text: str


def strongest(own: Own, product_id: str, live: Live) -> tuple[str, ...]:
    """The up to two tokens that raised a product most, strongest first, of those we may say."""
    tokens, places = live.gains[product_id]
    best = sorted(filter(None, own(places)))[:MOST]
    return tuple([tokens[place] for place in best])


def own_of(tokens: Iterable[str], live: Live) -> Own:
    """What an account with these tokens picks of what is by number of `Live.numbered`."""
    numbers = filter(None, map(live.numbered.get, tokens))
    return itemgetter(0, 0, *numbers)  # with fewer than two it would pick no tuple


def of_domain(tokens: Sequence[str], domain: str, live: Live) -> tuple[str, ...]:
    """What we may say of an interest in a life domain: why guidance in it is shown."""
    about = f"interest:{domain}:"
    return tuple([token for token in tokens if token.startswith(about) and token in live.sayable])


Own = Callable[[Sequence[int]], tuple[int, ...]]
"""Picks an account's own out of what there is by number of a token that may be said."""


class Gains(NamedTuple):
    """The tokens that raise a product and that we may say, the strongest first, from 1 on."""

    tokens: tuple[str, ...]
    """In that order; what stands at 0 is none."""
    places: tuple[int, ...]
    """By number of a token that may be said, its place in `tokens`. Nothing has the number 0."""


def gains_of(product_id: str, sayable: Sequence[str], model: Model) -> Gains:
    """What raises a product; nothing does for one that is new to the model."""
    if product_id not in model.columns:
        return Gains(("",), (0,) * (len(sayable) + 1))
    moved = model.contributions(sayable, (product_id,))[:, 0].tolist()
    raised = [(gain, token) for token, gain in zip(sayable, moved, strict=True) if gain > 0]
    tokens = tuple(token for _, token in sorted(raised, reverse=True))
    places = {token: place for place, token in enumerate(tokens, start=1)}
    return Gains(("", *tokens), (0, *(places.get(token, 0) for token in sayable)))


def sayable_tokens(vocabulary: Sequence[str], catalogue: Catalogue) -> dict[str, dict[str, Reason]]:
    """The tokens that may be given as a reason: token to language to reason.

    Tokens without words (income, region, crosses, what is unknown) still weigh in the model; they
    are just not what one says to a person.
    """
    sayable = {}
    for token in vocabulary:
        code = token.partition(":")[0]
        words = _words(token, catalogue)
        if words:
            sayable[token] = {language: Reason(code, text) for language, text in words.items()}
    return sayable


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
