"""The ways in which a table of tokens by products can move, from what all have in common down.

A level is a matrix (cells, moves): a cell is a token (or, in the last row, everyone) and a product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, identity, kron, vstack

from recommender.catalogue import Catalogue
from recommender.model import Model
from training.kinship import kinships

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Levels:
    """By name, (cells, moves) each; `which` from coarse to fine.

    `whether` moves all products alike, so it changes how likely an offer is to be taken and never
    which is likeliest; `which` is the rest.
    """

    whether: dict[str, csr_matrix]
    which: dict[str, csr_matrix]

    @classmethod
    def of(cls, model: Model, catalogue: Catalogue, known: Floats) -> Levels:
        """Those of `known` (T + 1, P), what the model says of each cell."""
        tokens, products = known.shape[0] - 1, known.shape[1]
        everyone = csr_matrix(np.eye(tokens + 1)[:, [-1]])
        each = identity(tokens + 1, format="csr")[:, :-1]
        alike, apart = csr_matrix(np.ones((products, 1))), identity(products)
        kin = csr_matrix(kinships(model.vocabulary, model.products, catalogue).T.astype(np.float64))
        nobodys = csr_matrix((products, kin.shape[1]))
        return cls(
            whether={
                "overall": csr_matrix(kron(everyone, alike)),
                "token": csr_matrix(kron(each, alike)),
            },
            which={
                "product": csr_matrix(kron(everyone, apart)),
                "trust": _by_kind(model.vocabulary, known),
                "kin": csr_matrix(vstack([kin, nobodys])),
                "domain": csr_matrix(kron(each, _domains(model.products, catalogue))),
                "pair": csr_matrix(kron(each, apart)),
            },
        )


def beside(levels: Sequence[csr_matrix]) -> csr_matrix:
    """Several levels as one: their moves one after the other."""
    return csr_matrix(hstack(levels))


def _by_kind(vocabulary: Sequence[str], known: Floats) -> csr_matrix:
    """(cells, kinds): what the model knows, by kind of token (age, holds, views ...)."""
    kinds = np.array([*(token.partition(":")[0] for token in vocabulary), ""])
    return csr_matrix(
        np.column_stack(
            [np.where((kinds == kind)[:, None], known, 0.0).ravel() for kind in np.unique(kinds)]
        )
    )


def _domains(products: Sequence[str], catalogue: Catalogue) -> csr_matrix:
    """(P, domains): 1 where a product is of a domain."""
    own = np.array([catalogue.products[product].domain for product in products])
    return csr_matrix((own[:, None] == np.unique(own)).astype(np.float64))
