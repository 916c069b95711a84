"""Snapshot rows: accounts as they stood at a moment, each with the product taken next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Int32s = NDArray[np.int32]
Objects = NDArray[np.object_]
Instants = NDArray[np.datetime64]

NO_TARGET = -1
"""The target of a row that was asked about, not taken from: to be scored, not learnt from."""


@dataclass(frozen=True, eq=False)
class Snapshots:
    """`n` rows. Everything in a row was known at its moment, but for `target`.

    Row k says: `account_ids[account[k]]` stood at `moment[k]` (datetime64[us], UTC) as `tokens[k]`
    says, and next took `products[target[k]]`. The vocabulary has every token that the catalogue
    can make, seen or not, so rows of one catalogue share their columns whenever they were built.
    """

    tokens: csr_matrix
    """(n, tokens) float32, 1 where the row has the token; columns follow `vocabulary`."""
    vocabulary: tuple[str, ...]
    products: tuple[str, ...]
    target: Int32s
    """(n,): columns of `products`."""
    held: csr_matrix
    """(n, products) bool: held and not repeatable, so not to be taken again; never the target."""
    account: Int32s
    """(n,): places in `account_ids`."""
    account_ids: Objects
    moment: Instants
    life_stage: Objects
    """(n,) str, for reports and a baseline; the model sees tokens only."""

    def __len__(self) -> int:
        return len(self.target)

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_] | Sequence[int]) -> Snapshots:
        """The rows at these places (or flagged), in this order, under the same vocabulary."""
        given = np.asarray(rows)
        places = np.flatnonzero(given) if given.dtype == np.bool_ else given.astype(np.intp)
        return replace(
            self,
            tokens=self.tokens[places],
            target=self.target[places],
            held=self.held[places],
            account=self.account[places],
            moment=self.moment[places],
            life_stage=self.life_stage[places],
        )

    def token_counts(self) -> NDArray[np.intp]:
        """(tokens,) in how many rows each token occurs; of 0 nothing can be learnt here."""
        return np.bincount(self.tokens.indices, minlength=len(self.vocabulary))

    def tokens_of(self, row: int) -> list[str]:
        """The tokens of one row, in the vocabulary's order."""
        start, end = self.tokens.indptr[row : row + 2]
        return [self.vocabulary[column] for column in sorted(self.tokens.indices[start:end])]
