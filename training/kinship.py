"""What tokens have in common, so that little data teaches more.

By kinship: who looks at a product may take it, whatever product it is. Each kinship is one number
shared by all products, so a product that few took profits from what the others taught: a look at it
counts for it before anybody's look has led to a taking. By level: a high interest is a low one too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.catalogue import Catalogue
from recommender.features import FeatureSpec

Singles = NDArray[np.float32]


def kinships(vocabulary: Sequence[str], products: Sequence[str], catalogue: Catalogue) -> Singles:
    """(kinships, tokens * products) of 0 and 1: 1 where a token has a kinship to a product.

    For each level: views of the product itself, views of another one of its domain, interest in
    its domain. And holding another product of its domain, or of its type.
    """
    place = {product: column for column, product in enumerate(products)}
    domain = np.array([catalogue.products[product].domain for product in products])
    type_ = np.array([catalogue.products[product].type for product in products])
    found: dict[str, NDArray[np.bool_]] = {}

    def relate(kind: str, row: int, kin: NDArray[np.bool_]) -> None:
        table = found.setdefault(kind, np.zeros((len(vocabulary), len(products)), np.bool_))
        table[row] = kin

    for row, token in enumerate(vocabulary):
        kind, _, rest = token.partition(":")
        name, _, level = rest.partition(":")
        if kind == "interest":
            relate(f"{kind}:{level}", row, domain == name)
        elif kind in {"views", "holds"} and name in place:
            own = np.arange(len(products)) == place[name]
            relate(f"{kind}:domain:{level}", row, (domain == domain[own]) & ~own)
            if kind == "views":
                relate(f"{kind}:self:{level}", row, own)
            else:
                relate(f"{kind}:type", row, (type_ == type_[own]) & ~own)
    if not found:
        return np.zeros((0, len(vocabulary) * len(products)), np.float32)
    return np.stack([found[kind].ravel() for kind in sorted(found)]).astype(np.float32)


def implied_levels(vocabulary: Sequence[str], catalogue: Catalogue) -> csr_matrix:
    """(tokens, tokens) float32: 1 where the row's token implies the column's.

    Each implies itself, and a level of interest the lower ones: what a high interest does is what a
    low one does and something more.
    """
    levels = [level for level in FeatureSpec.from_catalogue(catalogue).levels.labels if level]
    place = {token: row for row, token in enumerate(vocabulary)}
    pairs = [(row, row) for row in range(len(vocabulary))]
    for row, token in enumerate(vocabulary):
        stem, _, level = token.rpartition(":")
        if token.startswith(("interest:", "views:")) and level in levels:
            lower = levels[: levels.index(level)]
            implied = (place.get(f"{stem}:{one}") for one in lower)
            pairs += [(row, column) for column in implied if column is not None]
    rows, columns = np.array(pairs, dtype=np.int32).reshape(-1, 2).T
    shape = (len(vocabulary), len(vocabulary))
    return csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
