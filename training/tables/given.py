"""Ids that must come once in a table, though it is read in pieces.

Hashes say which may be alike. Equal hashes are next to certainly equal ids; a row is rejected for
certain ones only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class _Piece:
    """The ids of one piece by their hashes, which ascend: `ids.iloc[place[k]]` has `hashes[k]`."""

    ids: pd.Series
    place: NDArray[np.intp]
    hashes: Hashes

    @classmethod
    def of(cls, ids: pd.Series) -> _Piece:
        hashes = pd.util.hash_array(ids.to_numpy(dtype=object), categorize=False)
        place = np.argsort(hashes, kind="stable")
        return cls(ids, place, hashes[place])

    def again(self) -> NDArray[np.intp]:
        """Where in `ids` there are ids of an earlier row."""
        if not (self.hashes[1:] == self.hashes[:-1]).any():
            return np.empty(0, dtype=np.intp)
        return np.flatnonzero(self.ids.duplicated())

    def also_in(self, earlier: _Piece) -> NDArray[np.intp]:
        """Where in `ids` there are ids of an earlier piece, whose ids come once in it."""
        found = np.searchsorted(earlier.hashes, self.hashes)
        alike = np.append(earlier.hashes, np.uint64(0))[found] == self.hashes
        alike &= found < len(earlier.hashes)
        own = self.place[alike]
        theirs = earlier.place[found[alike]]
        same = self.ids.iloc[own].to_numpy() == earlier.ids.iloc[theirs].to_numpy()
        where: NDArray[np.intp] = own[same]
        return where


class GivenIds:
    """The ids of all pieces so far."""

    def __init__(self) -> None:
        self._pieces: list[_Piece] = []

    def before(self, ids: pd.Series) -> Flags:
        """(n,) whether each id was given in an earlier row, of this piece or one before.

        Missing ids (of rows that are rejected anyway) are never given.
        """
        again: Flags = np.zeros(len(ids), dtype=np.bool_)
        there = ids if ids.notna().all() else ids[ids.notna()]  # no copy unless it differs
        piece = _Piece.of(there)
        for places in (piece.again(), *(piece.also_in(earlier) for earlier in self._pieces)):
            again[there.index[places]] = True
        self._pieces.append(piece)
        return again
