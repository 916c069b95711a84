"""Snapshot rows: accounts as they stood at a moment, each with the product taken next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Int32s = NDArray[np.int32]
Objects = NDArray[np.object_]
Moments = NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class Snapshots:
    """`n` rows. Everything in a row was known at its moment, but for `target`.

    Row k says: `account_ids[account[k]]` stood at `moment[k]` (datetime64[us], UTC) as `tokens[k]`
    says, and next took `products[target[k]]`.
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
    moment: Moments
    life_stage: Objects
    """(n,) str, for reports and a baseline; the model sees tokens only."""

    def __len__(self) -> int:
        return len(self.target)

    def take(self, rows: NDArray[np.integer] | Sequence[int]) -> Snapshots:
        """The rows at these places, in this order, under the same vocabulary and products."""
        places = np.asarray(rows, dtype=np.intp)
        return replace(
            self,
            tokens=self.tokens[places],
            target=self.target[places],
            held=self.held[places],
            account=self.account[places],
            moment=self.moment[places],
            life_stage=self.life_stage[places],
        )
