"""An account's tokens, fast: what one value means is worked out once and remembered."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import partial
from operator import getitem
from typing import Any, Generic, TypeVar

from recommender.features import FeatureSpec, holding_tokens, identity_token
from recommender.rules.facts import Facts

MOST_VALUES = 10_000
"""Values of one attribute or cross that are remembered before all of them are forgotten."""


Key = TypeVar("Key")
Found = TypeVar("Found")


class Remembered(dict[Key, Found], Generic[Key, Found]):
    """What `find` says of each key, asked once."""

    def __init__(self, find: Callable[[Key], Found]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, key: Key) -> Found:
        if len(self) >= MOST_VALUES:
            self.clear()
        return self.setdefault(key, self._find(key))


class Tokens:
    """All tokens of one account as it stands, without duplicates, in a fixed order.

    Life context first, then what the account holds and looked at, then who it is.
    """

    def __init__(self, spec: FeatureSpec) -> None:
        self._spec = spec
        self._names = spec.context
        self._singles = [Remembered(_single(name, spec)) for name in spec.context]
        self._crosses = [(cross, Remembered(_cross(cross, spec))) for cross in spec.crosses]
        self._holds = Remembered(_held)
        self._interest = Remembered(partial(spec.level_tokens, "interest"))
        self._views = Remembered(partial(spec.level_tokens, "views"))

    def __call__(self, facts: Facts, account_id: str) -> list[str]:
        spec = self._spec
        get = facts.values.get
        tokens = list(map(getitem, self._singles, map(get, self._names)))
        tokens += [crossed[tuple(map(get, names))] for names, crossed in self._crosses]
        if spec.holdings:
            tokens += map(self._holds.__getitem__, sorted(facts.holds))
        if spec.domain_interest:
            self._add_levels(tokens, self._interest, facts.domain_interest)
        if spec.product_interest:
            self._add_levels(tokens, self._views, facts.product_interest)
        if spec.identity:
            tokens.append(identity_token(account_id))
        return tokens

    def _add_levels(
        self,
        tokens: list[str],
        known: Mapping[str, tuple[str, ...]],
        levels: Mapping[str, float],
    ) -> None:
        edges = self._spec.levels.edges
        for subject, level in sorted(levels.items()):
            token = known[subject][bisect_right(edges, level)]
            if token:
                tokens.append(token)


def _held(product_id: str) -> str:
    (token,) = holding_tokens({product_id})
    return token


def _single(name: str, spec: FeatureSpec) -> Callable[[object], str]:
    return lambda value: spec.context_token((name,), {name: value})


def _cross(names: tuple[str, ...], spec: FeatureSpec) -> Callable[[tuple[Any, ...]], str]:
    return lambda values: spec.context_token(names, dict(zip(names, values, strict=True)))
