"""Which rows to learn from and which to keep apart: by time, and by account."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.snapshots import Snapshots

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Split:
    """Rows to learn from, and rows that whoever learns never sees."""

    train: Snapshots
    test: Snapshots


def by_time(snapshots: Snapshots, first_test_day: np.datetime64) -> Split:
    """Learn from what happened before the day, test on what came after: as in service."""
    later = snapshots.moment >= first_test_day
    return Split(snapshots.take(~later), snapshots.take(later))


def first_day_of_latest(snapshots: Snapshots, share: float) -> np.datetime64:
    """The day from which about `share` of the rows are; the first of all if there is only one."""
    days = np.sort(snapshots.moment).astype("datetime64[D]")
    first: np.datetime64 = days[int(len(days) * (1 - share))]
    return first


def by_account(snapshots: Snapshots, share: float, *, seed: int) -> Split:
    """Test on all rows of a `share` of the accounts, drawn by `seed`: people never seen before."""
    chosen = drawn_accounts(snapshots, share, seed=seed)
    return Split(snapshots.take(~chosen), snapshots.take(chosen))


def drawn_accounts(snapshots: Snapshots, share: float, *, seed: int) -> Flags:
    """(n,) whether a row's account is among the drawn; depends on the accounts, not their order."""
    present = np.unique(snapshots.account)
    draws = np.random.default_rng(seed).random(len(snapshots.account_ids))
    chosen = np.zeros(len(snapshots.account_ids), dtype=bool)
    ranked = present[np.argsort(draws[present], kind="stable")]
    chosen[ranked[: round(share * len(present))]] = True
    flags: Flags = chosen[snapshots.account]
    return flags
