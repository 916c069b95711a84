"""The tokens that a catalogue's accounts can have, and which column each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Self

from recommender.catalogue import Catalogue
from recommender.features import CROSS, UNKNOWN, FeatureSpec, holding_tokens, identity_token


@dataclass(frozen=True)
class Vocabulary:
    """All tokens in blocks; `first[block]` is the first column of a block.

    Blocks, in order: one for each number and category, one for each cross (named by its features
    joined by `*`), `holds`, `interest`, `views` and `account`, as far as the catalogue has them.
    """

    tokens: tuple[str, ...]
    first: dict[str, int]
    labels: dict[str, tuple[str, ...]]
    """The labels of each number and category, in the order of its columns."""
    context: int
    """How many columns, the first ones, are of life context: numbers, categories and crosses."""

    @classmethod
    def of(cls, spec: FeatureSpec, catalogue: Catalogue, account_ids: Sequence[str]) -> Self:
        labels = {
            **{name: _with_unknown(bins.labels) for name, bins in spec.numbers.items()},
            **{name: _with_unknown(values) for name, values in spec.categories.items()},
        }
        tokens: list[str] = []
        first: dict[str, int] = {}
        for block, members in _blocks(spec, catalogue, labels, account_ids).items():
            first[block] = len(tokens)
            tokens += members
        context = len(labels) + len(spec.crosses)
        ends = [*first.values(), len(tokens)]
        return cls(tuple(tokens), first, labels, context=ends[context])


def _blocks(
    spec: FeatureSpec,
    catalogue: Catalogue,
    labels: dict[str, tuple[str, ...]],
    account_ids: Sequence[str],
) -> dict[str, list[str]]:
    blocks = {name: [f"{name}:{label}" for label in known] for name, known in labels.items()}
    for cross in spec.crosses:
        name = CROSS.join(cross)
        parts = product(*(labels[feature] for feature in cross))
        blocks[name] = [f"{name}:{CROSS.join(part)}" for part in parts]
    levels = [label for label in spec.levels.labels if label]
    if spec.holdings:
        blocks["holds"] = [token for key in catalogue.products for token in holding_tokens({key})]
    if spec.domain_interest:
        blocks["interest"] = [
            f"interest:{k}:{level}" for k in catalogue.domains for level in levels
        ]
    if spec.product_interest:
        blocks["views"] = [f"views:{k}:{level}" for k in catalogue.products for level in levels]
    if spec.identity:
        blocks["account"] = [identity_token(account_id) for account_id in account_ids]
    return blocks


def _with_unknown(labels: Sequence[str]) -> tuple[str, ...]:
    return (*labels, *(() if UNKNOWN in labels else (UNKNOWN,)))
