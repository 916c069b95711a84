"""Snapshots: rows of accounts as they stood at a moment, as tokens, with what each took next."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

NO_TARGET = -1
"""The target of a row that nobody knows the outcome of: it can be scored, not learnt from."""

Rows = NDArray[np.integer] | NDArray[np.bool_] | slice


@dataclass(frozen=True, eq=False)
class Snapshots:
    """n rows; each an account at a moment, and the product it took then.

    tokens (n, T) csr float32, ones: what was known strictly before the moment.
    held (n, P) csr bool: products held at the moment that can be held only once. The target never
    is one of them. target, account (n,) int32; moment (n,) datetime64[us], naive UTC; life_stage
    (n,) object, of str.

    The vocabulary holds every token that the catalogue can make, seen or not, so rows of the same
    catalogue share their columns whenever they were built.
    """

    tokens: csr_matrix
    vocabulary: tuple[str, ...]
    """(T,) token of each column of `tokens`."""
    products: tuple[str, ...]
    """(P,) product of each column of `held` and of each target."""
    target: NDArray[np.int32]
    held: csr_matrix
    account: NDArray[np.int32]
    """Positions in `account_ids`."""
    account_ids: tuple[str, ...]
    moment: NDArray[np.datetime64]
    life_stage: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.target)

    def take(self, rows: Rows) -> Snapshots:
        """The given rows (positions, a mask or a slice), in the given order."""
        return replace(
            self,
            tokens=self.tokens[rows],
            target=self.target[rows],
            held=self.held[rows],
            account=self.account[rows],
            moment=self.moment[rows],
            life_stage=self.life_stage[rows],
        )

    def token_counts(self) -> NDArray[np.int64]:
        """(T,) in how many rows each token occurs; 0: nothing can be learnt of it here."""
        counts: NDArray[np.int64] = np.bincount(
            self.tokens.indices, minlength=len(self.vocabulary)
        ).astype(np.int64)
        return counts

    def tokens_of(self, row: int) -> list[str]:
        """The tokens of one row, in the vocabulary's order."""
        start, end = self.tokens.indptr[row : row + 2]
        return [self.vocabulary[column] for column in sorted(self.tokens.indices[start:end])]
