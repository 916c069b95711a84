"""The frames of a table's pieces as one frame, with memory for hardly more than that."""

from __future__ import annotations

import pandas as pd
from pandas.api.types import union_categoricals


def together(pieces: list[pd.DataFrame]) -> pd.DataFrame:
    """The rows of `pieces` (one or more, of the same columns), in order. Empties the frames.

    Column after column, each let go of in the pieces: so there are never two copies of more than
    one column. Categories are the pieces' own, in the order in which they first came.
    """
    if len(pieces) == 1:
        return pieces[0]
    names = pieces[0].columns.tolist()
    joined = {name: _joined([piece.pop(name) for piece in pieces]) for name in names}
    return pd.DataFrame(joined, copy=False)


def _joined(parts: list[pd.Series]) -> pd.Series:
    if not isinstance(parts[0].dtype, pd.CategoricalDtype):
        return pd.concat(parts, ignore_index=True)
    if all(part.dtype == parts[0].dtype for part in parts):
        return pd.concat(parts, ignore_index=True)
    return pd.Series(union_categoricals(parts))
