"""An account's tokens, fast: what one value means is worked out once and remembered."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import TypeVar

from recommender.features import FeatureSpec, holding_tokens, identity_token
from recommender.rules.facts import Facts

MOST_VALUES = 10_000
"""Values of one attribute or cross that are remembered before all of them are forgotten."""


Key = TypeVar("Key")
Found = TypeVar("Found")


class Tokens:
    """All tokens of one account as it stands, without duplicates, in a fixed order.

    Life context first, then what the account holds and looked at, then who it is.
    """

    def __init__(self, spec: FeatureSpec) -> None:
        self._spec = spec
        self._singles: list[tuple[str, dict[object, str]]] = [(name, {}) for name in spec.context]
        self._crosses: list[tuple[tuple[str, ...], dict[tuple[object, ...], str]]] = [
            (cross, {}) for cross in spec.crosses
        ]
        self._levels: dict[tuple[str, str], tuple[str, ...]] = {}

    def __call__(self, facts: Facts, account_id: str) -> list[str]:
        spec = self._spec
        tokens = self._context(facts.values)
        if spec.holdings:
            tokens += holding_tokens(facts.holds)
        if spec.domain_interest:
            self._add_levels(tokens, "interest", facts.domain_interest)
        if spec.product_interest:
            self._add_levels(tokens, "views", facts.product_interest)
        if spec.identity:
            tokens.append(identity_token(account_id))
        return tokens

    def _context(self, values: Mapping[str, object]) -> list[str]:
        get = values.get
        tokens = []
        for name, known in self._singles:
            value = get(name)
            token = known.get(value)
            if token is None:
                token = _remember(known, value, self._spec.context_token((name,), values))
            tokens.append(token)
        for names, crossed in self._crosses:
            pair = tuple(map(get, names))
            token = crossed.get(pair)
            if token is None:
                token = _remember(crossed, pair, self._spec.context_token(names, values))
            tokens.append(token)
        return tokens

    def _add_levels(self, tokens: list[str], prefix: str, levels: Mapping[str, float]) -> None:
        edges, known = self._spec.levels.edges, self._levels
        for subject in sorted(levels):
            named = known.get((prefix, subject))
            if named is None:
                each = self._spec.level_tokens(prefix, subject)
                named = _remember(known, (prefix, subject), each)
            token = named[bisect_right(edges, levels[subject])]
            if token:
                tokens.append(token)


def _remember(known: dict[Key, Found], key: Key, found: Found) -> Found:
    if len(known) >= MOST_VALUES:
        known.clear()
    known[key] = found
    return found
