"""Distinct (account, moment) pairs in order, and how dated records are matched to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Positions = NDArray[np.integer]
Instants = NDArray[np.datetime64]

NONE = -1
"""The position of a moment or record that does not exist."""


@dataclass(frozen=True, eq=False)
class Moments:
    """k moments of accounts, distinct and ascending by account, then time.

    Everything dated is matched by one sorted key, (account, rank of the time among all distinct
    times): a search instead of a join, so costs grow with records, never with pairs.
    """

    account: Positions
    instant: Instants

    @classmethod
    def of(cls, account: Positions, at: Instants) -> tuple[Self, Positions]:
        """The distinct moments among the given ones (n,), and the position of each given one."""
        times, rank = np.unique(at.astype("datetime64[us]"), return_inverse=True)
        width = len(times) + 1
        keys, place = np.unique(account.astype(np.int64) * width + rank, return_inverse=True)
        return cls(keys // width, times[keys % width]), place

    def __len__(self) -> int:
        return len(self.account)

    @property
    def day(self) -> Instants:
        """(k,) the days the moments lie in, datetime64[D]."""
        return self.instant.astype("datetime64[D]")

    @cached_property
    def follows_own(self) -> NDArray[np.bool_]:
        """(k,) whether the moment before is of the same account."""
        return np.append(False, self.account[1:] == self.account[:-1])[: len(self)]

    @cached_property
    def ordinal(self) -> Positions:
        """(k,) 0 for an account's first moment, 1 for its second."""
        positions = np.arange(len(self))
        first = np.maximum.accumulate(np.where(self.follows_own, 0, positions))
        return positions - first

    def first_after(self, account: Positions, at: Instants) -> Positions:
        """For each record, its account's first moment strictly after it, or NONE."""
        rank = np.searchsorted(self._times, at, side="right")
        found = np.searchsorted(self._keys, account * self._width + rank, side="left")
        own = np.append(self.account, NONE)[found] == account
        return np.where(own, found, NONE)

    def next_record(self, account: Positions, at: Instants) -> Positions:
        """For each moment, the account's first record at or after it, or NONE.

        The records must ascend by account, then time; among equal times the first one counts.
        """
        rank = np.searchsorted(self._times, at, side="right") - 1
        known = np.flatnonzero(rank >= 0)
        keys = account[known] * self._width + rank[known]
        found = np.searchsorted(keys, self._keys, side="left")
        record = np.append(known, NONE)[found]
        own = np.append(account, NONE)[record] == self.account
        return np.where(own, record, NONE)

    @cached_property
    def _times(self) -> Instants:
        return np.unique(self.instant)

    @property
    def _width(self) -> int:
        return len(self._times) + 1

    @cached_property
    def _keys(self) -> Positions:
        return self.account * self._width + np.searchsorted(self._times, self.instant)


def positions(column: pd.Series) -> NDArray[np.int64]:
    """The positions of a categorical column's values among its categories, NONE where missing."""
    return np.asarray(column.cat.codes, dtype=np.int64)
