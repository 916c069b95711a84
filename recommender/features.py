"""Features, declared once: how an account as it stands becomes tokens.

Serving asks for the tokens of one account (`recommender.tokens`); training labels whole columns
with the same `Bins` and `category` values. What a bin or a token means is written nowhere else.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from recommender.catalogue import Catalogue

UNKNOWN = "unknown"
"""The value of a declared attribute that is missing: not knowing is itself a feature."""

CROSS = "*"


class Bins(msgspec.Struct, frozen=True):
    """Half-open intervals: `labels[i]` holds edges[i-1] <= value < edges[i].

    One label more than edges. `bisect_right(edges, v)` here and
    `numpy.searchsorted(edges, column, side="right")` in training are the same function.
    """

    edges: tuple[float, ...]
    labels: tuple[str, ...]

    @classmethod
    def of_integers(cls, edges: Sequence[float]) -> Bins:
        """Readable labels for whole numbers: `<18`, `18-24`, `25+`; one step wide: `1`."""
        whole = [int(edge) for edge in edges]
        between = [
            f"{low}" if high - low == 1 else f"{low}-{high - 1}" for low, high in pairwise(whole)
        ]
        return cls(tuple(edges), (f"<{whole[0]}", *between, f"{whole[-1]}+"))

    @classmethod
    def of_levels(cls, levels: Mapping[str, float]) -> Bins:
        """Named levels by their lower bound; below the lowest there is no label (empty)."""
        ordered = sorted(levels.items(), key=lambda item: item[1])
        return cls(tuple(bound for _, bound in ordered), ("", *(name for name, _ in ordered)))

    def label(self, value: float) -> str:
        return self.labels[bisect_right(self.edges, value)]


class FeatureSpec(msgspec.Struct, frozen=True):
    """Which tokens an account has. `numbers`: name to bins; `categories`: name to known values."""

    numbers: dict[str, Bins]
    categories: dict[str, tuple[str, ...]]
    crosses: tuple[tuple[str, ...], ...]
    life_stage: tuple[str, ...]
    levels: Bins
    holdings: bool
    domain_interest: bool
    product_interest: bool
    identity: bool

    @classmethod
    def from_catalogue(cls, catalogue: Catalogue) -> FeatureSpec:
        declared = catalogue.features
        numbers: dict[str, Bins] = {}
        if declared.age is not None:
            numbers["age"] = Bins.of_integers(declared.age.bins)
        if declared.tenure_years is not None:
            numbers["tenure_years"] = Bins.of_integers(declared.tenure_years.bins)
        categories: dict[str, tuple[str, ...]] = {}
        for name, attribute in catalogue.attributes.items():
            if "model" not in attribute.uses:
                continue
            if attribute.type == "integer":
                numbers[name] = Bins.of_integers(attribute.bins or ())
            elif attribute.type == "boolean":
                categories[name] = ("no", "yes")
            else:
                categories[name] = tuple(attribute.values or ())
        return cls(
            numbers=numbers,
            categories=categories,
            crosses=tuple(tuple(cross) for cross in declared.crosses),
            life_stage=tuple(catalogue.life_stage),
            levels=Bins.of_levels(catalogue.interest.levels),
            holdings=declared.holdings,
            domain_interest=declared.domain_interest,
            product_interest=declared.product_interest,
            identity=declared.identity,
        )

    @property
    def digest(self) -> str:
        """sha256 (hex) of the declaration: a model serves only the features it was trained on."""
        canonical = msgspec.json.encode(self, order="sorted")
        return hashlib.sha256(canonical).hexdigest()

    def label(self, name: str, value: Any) -> str:
        """The label of one number or category, `unknown` when the value is missing."""
        if value is None:
            return UNKNOWN
        bins = self.numbers.get(name)
        if bins is not None:
            return bins.label(value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        return value if value in self.categories[name] else UNKNOWN

    @property
    def context(self) -> tuple[str, ...]:
        """The names of all numbers and categories."""
        return (*self.numbers, *self.categories)

    def context_token(self, names: Sequence[str], values: Mapping[str, object]) -> str:
        """The token of one number or category, or of a cross of several."""
        labels = (self.label(name, values.get(name)) for name in names)
        return f"{CROSS.join(names)}:{CROSS.join(labels)}"

    def level_tokens(self, prefix: str, subject: str) -> tuple[str, ...]:
        """The token of interest in `subject` for each of `levels.labels`, empty as they are."""
        return tuple(f"{prefix}:{subject}:{label}" if label else "" for label in self.levels.labels)


def holding_tokens(product_ids: AbstractSet[str]) -> list[str]:
    return [f"holds:{product_id}" for product_id in sorted(product_ids)]


def identity_token(account_id: str) -> str:
    return f"account:{account_id}"
