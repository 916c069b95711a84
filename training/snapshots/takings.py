"""Which takings become rows: who, when, and what was taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recommender.tables import (
    ACCOUNT_ID,
    AT,
    CLOSED_ON,
    JOINED_ON,
    OPENED_ON,
    PRODUCT_ID,
)
from training.snapshots.config import SnapshotConfig
from training.snapshots.consents import personalised
from training.snapshots.holdings import open_at
from training.snapshots.moments import Positions, positions
from training.tables import Tables


@dataclass(frozen=True, eq=False)
class Takings:
    """n takings by account, moment and product, each ascending: the moment is 00:00 of the day."""

    account: Positions
    at: NDArray[np.datetime64]
    product: Positions

    @classmethod
    def of(cls, tables: Tables, config: SnapshotConfig) -> Takings:
        holdings = tables.holdings
        if config.holdings_order == "unknown":
            moment = _asked_at(tables, config)
            at = np.full(len(holdings), moment)
            chosen = open_at(holdings, at)
        else:
            at = holdings[OPENED_ON].to_numpy().astype("datetime64[us]")
            chosen = _in_window(at, config) & ~(config.skip_initial & _initial(tables, at))
        account, product = positions(holdings[ACCOUNT_ID]), positions(holdings[PRODUCT_ID])
        if config.consented_only:
            chosen &= personalised(tables)[account]
        return _distinct(account[chosen], at[chosen], product[chosen])


def _distinct(account: Positions, at: NDArray[np.datetime64], product: Positions) -> Takings:
    """Two of the same product on one day are one taking."""
    order = np.lexsort((product, at, account))
    account, at, product = account[order], at[order], product[order]
    again = (account[1:] == account[:-1]) & (at[1:] == at[:-1]) & (product[1:] == product[:-1])
    first = ~np.append(False, again)[: len(account)]
    return Takings(account[first], at[first], product[first])


def _in_window(at: NDArray[np.datetime64], config: SnapshotConfig) -> NDArray[np.bool_]:
    inside = np.ones(len(at), dtype=np.bool_)
    if config.window_from is not None:
        inside &= at >= np.datetime64(config.window_from)
    if config.window_until is not None:
        inside &= at < np.datetime64(config.window_until)
    return inside


def _initial(tables: Tables, at: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """What was opened on the day of joining, or before anything is on record."""
    joined = tables.accounts[JOINED_ON].to_numpy()[positions(tables.holdings[ACCOUNT_ID])]
    initial: NDArray[np.bool_] = at <= joined  # NaT never is
    if len(tables.events):
        initial |= at < tables.events[AT].to_numpy().min().astype("datetime64[D]")
    return initial


def _asked_at(tables: Tables, config: SnapshotConfig) -> np.datetime64:
    """When order is unknown: the end of the window, or the day after the last one on record."""
    if config.window_until is not None:
        return np.datetime64(config.window_until, "us")
    dates = (tables.holdings[OPENED_ON], tables.holdings[CLOSED_ON], tables.events[AT])
    last: pd.Timestamp = max(column.max() for column in dates if column.notna().any())
    return np.datetime64(last.floor("D") + pd.Timedelta(days=1), "us")
