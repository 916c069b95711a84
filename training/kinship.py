"""What tokens do to products by kinship: who looks at a product may take it, whatever it is.

Each kinship is one number shared by all products, so that a product that few took profits from what
the others taught: a look at it counts for it before anybody's look has led to a taking.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recommender.catalogue import Catalogue

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
