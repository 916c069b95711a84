"""Ids that must come once in a table, though it is read in pieces."""

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

    def also_in(self, earlier: _Piece) -> NDArray[np.intp]:
        """Where in `ids` there are ids of an earlier piece, whose ids come once in it."""
        found = np.searchsorted(earlier.hashes, self.hashes)
        alike = np.append(earlier.hashes, np.uint64(0))[found] == self.hashes
        alike &= found < len(earlier.hashes)
        # Equal hashes are next to certainly equal ids; a row is rejected for certain ones only.
        own = self.place[alike]
        theirs = earlier.place[found[alike]]
        same = self.ids.iloc[own].to_numpy() == earlier.ids.iloc[theirs].to_numpy()
        where: NDArray[np.intp] = own[same]
        return where


class GivenIds:
    """The ids of all pieces so far. A table that is one piece is never hashed."""

    def __init__(self) -> None:
        self._first: pd.Series | None = None
        self._pieces: list[_Piece] = []

    def before(self, ids: pd.Series) -> Flags:
        """(n,) whether each id was given in an earlier row, of this piece or one before.

        Missing ids (of rows that are rejected anyway) are never given.
        """
        again: Flags = (ids.duplicated() & ids.notna()).to_numpy(copy=True)
        new = ids[ids.notna() & ~again]
        if self._first is None:
            self._first = new
            return again
        if not self._pieces:
            self._pieces.append(_Piece.of(self._first))
        piece = _Piece.of(new)
        for earlier in self._pieces:
            again[new.index[piece.also_in(earlier)]] = True
        self._pieces.append(piece)
        return again
