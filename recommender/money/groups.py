"""Bookings of many payees in a row, so that all are worked at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.money.booking import Ints, Ledger

Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Groups:
    """Columns (n,) of the bookings of g groups, one after the other, each by day.

    Group k has `count[k]` > 0 bookings from `start[k]` on.
    """

    day: Ints
    amount: Ints
    start: Ints
    count: Ints

    @classmethod
    def of(cls, ledger: Ledger, groups: Sequence[Ints]) -> Self:
        """`groups` are rows of the ledger."""
        rows, count = np.concatenate(groups), np.array([len(one) for one in groups])
        return cls(ledger.day[rows], ledger.amount[rows], np.cumsum(count) - count, count)

    def __len__(self) -> int:
        return len(self.count)

    def some(self, which: Ints) -> Groups:
        """The groups `which` (m,)."""
        count = self.count[which]
        start = np.cumsum(count) - count
        rows = np.arange(count.sum()) + np.repeat(self.start[which] - start, count)
        return Groups(self.day[rows], self.amount[rows], start, count)

    @property
    def last(self) -> Ints:
        """(g,): the row of each group's last booking."""
        return self.start + self.count - 1

    @cached_property
    def number(self) -> Ints:
        """(n,): the group of each booking."""
        return self.each(np.arange(len(self)))

    def each(self, values: NDArray[Number]) -> NDArray[Number]:
        """(n,): for each booking what (g,) `values` says of its group."""
        return np.repeat(values, self.count)

    def sums(self, values: NDArray[Any]) -> NDArray[Any]:
        """(g,) sums of (n,) `values`; of flags, how many are true."""
        whole = np.int64 if values.dtype == np.bool_ else None
        return np.add.reduceat(values, self.start, dtype=whole)

    def ordered(self, values: NDArray[Number]) -> NDArray[Number]:
        """(n,) `values`, ascending in each group."""
        return values[np.lexsort((values, self.number))]

    def commonest(self, values: Ints, below: int) -> Ints:
        """(g,): of (n,) `values` from 0 to `below`, the one that a group has most; the least of
        several.
        """
        cells = np.bincount(self.number * below + values, minlength=len(self) * below)
        most: Ints = cells.reshape(-1, below).argmax(axis=1)
        return most
