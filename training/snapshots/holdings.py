"""What each account held at each moment."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.tables import ACCOUNT_ID, CLOSED_ON, OPENED_ON, PRODUCT_ID
from training.snapshots.moments import Moments, positions


def open_at(holdings: pd.DataFrame, moments: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """(n,) whether each holding was known and open at its moment.

    What was opened on a day cannot be known at its first instant: it counts from the second on.
    """
    opened, closed = holdings[OPENED_ON].to_numpy(), holdings[CLOSED_ON].to_numpy()
    ended: NDArray[np.bool_] = closed <= moments.astype("datetime64[D]")  # NaT never is
    known: NDArray[np.bool_] = opened < moments
    return known & ~ended


def holdings_at(holdings: pd.DataFrame, moments: Moments, products: int) -> csr_matrix:
    """(k, products) csr float32, 1 where the account held the product at the moment."""
    account, product = positions(holdings[ACCOUNT_ID]), positions(holdings[PRODUCT_ID])
    order = np.lexsort((product, account))
    first = np.searchsorted(account[order], moments.account, side="left")
    count = np.searchsorted(account[order], moments.account, side="right") - first
    row = np.repeat(np.arange(len(moments)), count)
    # Each moment's run of holdings, laid end to end.
    place = np.arange(len(row)) + np.repeat(first - (np.cumsum(count) - count), count)
    which = order[place]
    dated = holdings[[OPENED_ON, CLOSED_ON]].iloc[which]
    held = open_at(dated, moments.instant[row])
    row, column = row[held], product[which][held]
    return ones(row, column, (len(moments), products))


def ones(
    row: NDArray[np.integer], column: NDArray[np.integer], shape: tuple[int, int]
) -> csr_matrix:
    """A csr float32 matrix with 1 at the given cells, which ascend; a cell may come twice."""
    again = np.append(False, (row[1:] == row[:-1]) & (column[1:] == column[:-1]))[: len(row)]
    row, column = row[~again], column[~again]
    starts = np.append(0, np.cumsum(np.bincount(row, minlength=shape[0])))
    data = np.ones(len(column), np.float32)
    return csr_matrix((data, column.astype(np.int32), starts.astype(np.int32)), shape=shape)


def drop_cells(matrix: csr_matrix, dropped: NDArray[np.bool_]) -> csr_matrix:
    """`matrix` without the stored cells flagged in `dropped` (stored,)."""
    keep = ~dropped
    kept = np.append(0, np.cumsum(keep))
    starts = kept[matrix.indptr].astype(np.int32)
    return csr_matrix((matrix.data[keep], matrix.indices[keep], starts), shape=matrix.shape)


def cell_rows(matrix: csr_matrix) -> NDArray[np.intp]:
    """(stored,) the row of each stored cell."""
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
