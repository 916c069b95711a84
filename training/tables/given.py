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
        found, alike = _found(self.hashes, earlier.hashes)
        own = self.place[alike]
        theirs = earlier.place[found[alike]]
        same = self.ids.iloc[own].to_numpy() == earlier.ids.iloc[theirs].to_numpy()
        where: NDArray[np.intp] = own[same]
        return where


def _found(hashes: Hashes, among: Hashes) -> tuple[NDArray[np.intp], Flags]:
    """(n,) where each would stand among others, which ascend, and whether it stands there."""
    place = np.searchsorted(among, hashes)
    alike: Flags = np.append(among, np.uint64(0))[place] == hashes
    alike &= place < len(among)
    return place, alike


class GivenIds:
    """The ids of all pieces so far."""

    def __init__(self) -> None:
        self._pieces: list[_Piece] = []
        self._hashes: Hashes = np.empty(0, dtype=np.uint64)
        """Of all of them, ascending: one search tells that a piece brings nothing twice."""

    def before(self, ids: pd.Series) -> Flags:
        """(n,) whether each id was given in an earlier row, of this piece or one before.

        Missing ids (of rows that are rejected anyway) are never given.
        """
        again: Flags = np.zeros(len(ids), dtype=np.bool_)
        there = ids if ids.notna().all() else ids[ids.notna()]  # no copy unless it differs
        piece = _Piece.of(there)
        _, alike = _found(piece.hashes, self._hashes)
        earlier = self._pieces if alike.any() else []
        for places in (piece.again(), *(piece.also_in(other) for other in earlier)):
            again[there.index[places]] = True
        self._pieces.append(piece)
        # two runs that ascend: a stable sort merges them
        self._hashes = np.sort(np.append(self._hashes, piece.hashes), kind="stable")
        return again
