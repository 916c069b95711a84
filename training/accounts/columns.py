"""Columns of a frame as Python values (None where missing), and rows gathered by account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise
from typing import Any, Generic, Self, TypeVar

import numpy as np
import pandas as pd

from recommender.tables import ACCOUNT_ID
from training.snapshots.moments import positions

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class ByAccount(Generic[T]):
    """Things laid end to end by account; those of account k begin at `starts[k]`."""

    things: list[T]
    starts: list[int]

    @classmethod
    def of(cls, rows: pd.DataFrame, things: Iterable[T], accounts: int) -> Self:
        """`things[i]` belongs to the account of `rows[i]`; the rows ascend by account."""
        starts = np.searchsorted(positions(rows[ACCOUNT_ID]), np.arange(accounts + 1))
        return cls(list(things), starts.tolist())

    def __iter__(self) -> Iterator[tuple[T, ...]]:
        """The things of each account in turn."""
        return (tuple(self.things[start:end]) for start, end in pairwise(self.starts))


def ordered(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """The rows by account, then `by`; equal ones stay in the file's order."""
    return rows.iloc[np.lexsort((rows[by].to_numpy(), positions(rows[ACCOUNT_ID])))]


def days(column: pd.Series) -> list[Any]:
    """As `date`."""
    result: list[Any] = column.to_numpy().astype("datetime64[D]").tolist()
    return result


def instants(column: pd.Series) -> list[Any]:
    """As `datetime`, aware, UTC."""
    naive: list[Any] = column.to_numpy().astype("datetime64[us]").tolist()
    return [None if one is None else one.replace(tzinfo=UTC) for one in naive]


def texts(column: pd.Series) -> list[Any]:
    """As `str`."""
    return [one if isinstance(one, str) else None for one in column.tolist()]
