"""Ids that must come once in a table, though it is read in pieces.

Hashes say which may be alike. Equal hashes are next to certainly equal ids; a row is rejected for
certain ones only.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]


class GivenIds:
    """The ids of all pieces so far."""

    def __init__(self) -> None:
        self._pieces: list[pa.Array | pa.ChunkedArray] = []
        self._hashes: Hashes = np.empty(0, dtype=np.uint64)
        """Of all of them, ascending: one search tells that a piece brings nothing twice."""

    def before(self, ids: pd.Series) -> Flags:
        """(n,) whether each id was given in an earlier row, of this piece or one before.

        Missing ids (of rows that are rejected anyway) are never given.
        """
        again: Flags = np.zeros(len(ids), dtype=np.bool_)
        there = ids if ids.notna().all() else ids[ids.notna()]  # no copy unless it differs
        hashes = pd.util.hash_array(there.to_numpy(dtype=object), categorize=False)
        ascending = np.sort(hashes)
        if (ascending[1:] == ascending[:-1]).any():
            again[there.index[there.duplicated()]] = True
        alike = ascending[self._has(ascending)]
        if len(alike):
            again[self._in_earlier(there[np.isin(hashes, alike)])] = True
        self._pieces.append(pa.array(there))  # no copy either
        merged = np.append(self._hashes, ascending)
        merged.sort(kind="stable")  # two runs that ascend: it merges them where they are
        self._hashes = merged
        return again

    def _has(self, ascending: Hashes) -> Flags:
        """(n,) whether each was the hash of an id of an earlier piece."""
        if not len(self._hashes):
            return np.zeros(len(ascending), dtype=np.bool_)
        place = np.searchsorted(self._hashes, ascending)
        found: Flags = self._hashes[np.minimum(place, len(self._hashes) - 1)] == ascending
        return found

    def _in_earlier(self, likely: pd.Series) -> pd.Index:
        """The rows, by their index, whose id was given in an earlier piece."""
        wanted = pa.array(likely)
        given = [piece.filter(pc.is_in(piece, value_set=wanted)) for piece in self._pieces]
        same = [np.asarray(pc.is_in(wanted, value_set=ids)) for ids in given if len(ids)]
        return likely.index[np.logical_or.reduce(same)] if same else likely.index[:0]
