"""Sums of tokens' effects on every product, for many accounts at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = Sequence[int]
"""Where in the vocabulary an account's tokens stand."""

MOST_ENTRIES = 65_536
"""So many floats are added up in one go: 512 kB, which a processor's nearer caches hold."""


class Effects:
    """What each token adds to each product's log odds: `effects` (T, P), and `bias` (P,) which
    everyone has.
    """

    def __init__(self, effects: Floats, bias: Floats) -> None:
        self._bias, self._nothing = len(effects), len(effects) + 1
        self._products = effects.shape[1]
        table = np.vstack([effects, bias, np.zeros_like(bias)])
        # one column alone is added up pairwise, so that the sum would hang on how long the list is
        self._table = np.pad(table, ((0, 0), (0, 1))) if self._products == 1 else table

    def sums(self, accounts: Sequence[Rows]) -> Iterable[list[float]]:
        """For each account the log odds of every product, in order.

        None of them can tell, to the last bit, who else is summed: numpy adds up one row after the
        other, and the rows of zeros that follow in a shorter list leave a sum as it is.
        """
        if len(accounts) == 1:
            return (self._sum(accounts[0]),)
        longest = max(map(len, accounts), default=0) + 1
        at_once = max(1, MOST_ENTRIES // (longest * max(1, self._products)))
        if len(accounts) <= at_once:
            return self._sums(accounts, longest)
        starts = range(0, len(accounts), at_once)
        parts = (self._sums(accounts[start : start + at_once], longest) for start in starts)
        return chain.from_iterable(parts)

    def _sum(self, own: Rows) -> list[float]:
        terms = self._table.take([*own, self._bias], axis=0)
        found: list[float] = np.add.reduce(terms, axis=0)[: self._products].tolist()
        return found

    def _sums(self, accounts: Sequence[Rows], longest: int) -> list[list[float]]:
        padding = [self._nothing] * longest
        rows: list[int] = []
        for own in accounts:
            rows += own
            rows.append(self._bias)
            rows += padding[len(own) + 1 :]
        columns = self._table.shape[1]
        terms = self._table.take(rows, axis=0).reshape(len(accounts), longest, columns)
        sums: list[list[float]] = np.add.reduce(terms, axis=1)[:, : self._products].tolist()
        return sums
