"""Cards: what is written on each action, in each language, whoever sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from recommender.catalogue import Catalogue
from recommender.events.contacts import offer


class Card(NamedTuple):
    title: str
    message: str
    url: str


def cards_of(catalogue: Catalogue) -> Mapping[str, Mapping[str, Card]]:
    """By language and action id."""
    return {language: _cards_in(language, catalogue) for language in catalogue.languages}


def _cards_in(language: str, catalogue: Catalogue) -> dict[str, Card]:
    cards = {
        action_id: Card(action.title[language], action.message[language], action.url)
        for action_id, action in catalogue.every_action.items()
    }
    for product_id, product in catalogue.products.items():
        source = product.moment_of_truth or product  # then it leads to a person
        card = Card(product.title[language], source.message[language], source.url)
        cards[offer(product_id)] = card
    return cards
