"""The guard against leaks: what a row knows must be found in tables that end at its moment.

Rows are rebuilt from tables cut off at the moment, which simply do not have what came later, and
compared. The cut is made here by other means than those snapshots use, so that no mistake of
theirs can hide in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pandas as pd

from recommender.catalogue import Catalogue
from recommender.errors import RaakError
from recommender.tables import (
    ACCOUNT_ID,
    AT,
    BOOKED_ON,
    CLOSED_AT,
    CLOSED_ON,
    OPENED_AT,
    OPENED_ON,
)
from training.snapshots import Snapshots, snapshots_at
from training.tables import Tables

MOMENTS = 3
"""Moments that the guard samples; each costs one small build."""


class LeakError(RaakError):
    """Rows know what only later became known: the text names some of it."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A row that differs from what its account looked like at the moment."""

    account_id: str
    moment: datetime
    told: tuple[str, ...]
    """Tokens (or `held:<product>`) in the row that could not be known."""
    hidden: tuple[str, ...]
    """What was known and the row lacks: the later fact has taken its place."""

    def __str__(self) -> str:
        told, hidden = (", ".join(tokens) or "nothing" for tokens in (self.told, self.hidden))
        return f"{self.account_id} at {self.moment:%Y-%m-%d}: {told} instead of {hidden}"


def guard(
    snapshots: Snapshots, tables: Tables, catalogue: Catalogue, *, seed: int, moments: int = MOMENTS
) -> None:
    """Refuse `snapshots` (in order of time) if rows of a sample of moments look ahead.

    Raises:
        LeakError: they do.
    """
    leaks = find_leaks(snapshots, tables, catalogue, seed=seed, moments=moments)
    if leaks:
        raise LeakError(f"{len(leaks)} sampled rows look past their moment, such as {leaks[0]}")


def find_leaks(
    snapshots: Snapshots, tables: Tables, catalogue: Catalogue, *, seed: int, moments: int = MOMENTS
) -> list[Leak]:
    """All rows at `moments` sampled moments that tables cut off at the moment do not bear out."""
    all_moments = np.unique(snapshots.moment)
    count = min(moments, len(all_moments))
    sample = np.random.default_rng(seed).choice(all_moments, size=count, replace=False)
    chosen = snapshots.take(np.isin(snapshots.moment, sample))
    few = _of_accounts(tables, np.unique(chosen.account))
    leaks: list[Leak] = []
    for moment in np.sort(sample):
        rows = chosen.take(chosen.moment == moment)
        known = snapshots_at(known_before(few, moment), catalogue, rows.account, rows.moment)
        leaks += _differences(rows, known)
    return leaks


def known_before(tables: Tables, moment: np.datetime64) -> Tables:
    """The tables as they could have been read at `moment`: nothing dated then or later.

    What ended later had not ended; attributes are as they were before the changes that followed.
    Scheduled payments stay, since nobody noted when they became known.
    """
    day = moment.astype("datetime64[D]")
    holdings = tables.holdings[tables.holdings[OPENED_ON] < moment]
    cases = tables.cases[tables.cases[OPENED_AT] < moment]
    return replace(
        tables,
        accounts=_undo(tables.accounts, tables.context_changes(), moment),
        holdings=holdings.assign(
            **{CLOSED_ON: holdings[CLOSED_ON].where(holdings[CLOSED_ON] <= day)}
        ),
        events=tables.events[tables.events[AT] < moment],
        transactions=tables.transactions[tables.transactions[BOOKED_ON] < moment],
        cases=cases.assign(**{CLOSED_AT: cases[CLOSED_AT].where(cases[CLOSED_AT] <= moment)}),
    )


def _undo(accounts: pd.DataFrame, changes: pd.DataFrame, moment: np.datetime64) -> pd.DataFrame:
    """Take the changes at and after `moment` back, the latest first."""
    later = changes[changes[AT] >= moment]
    # In the file's order at equal times: the one noted last is undone first.
    later = later.sort_values(AT, kind="stable").iloc[::-1]
    columns = {}
    for name, undone in later.groupby("attribute"):
        values = accounts[name].astype(object).set_axis(accounts[ACCOUNT_ID].astype(object))
        for account_id, before in zip(undone[ACCOUNT_ID], undone["before"], strict=True):
            values[account_id] = _read(before, accounts[name].dtype)
        columns[str(name)] = values.set_axis(accounts.index).astype(accounts[name].dtype)
    return accounts.assign(**columns)


def _read(text: object, dtype: object) -> object:
    """The label of a change as a value of a column of `dtype`."""
    if not isinstance(text, str):
        return None
    if pd.api.types.is_bool_dtype(dtype):  # type: ignore[arg-type]  # any dtype
        return text == "yes"
    return int(text) if pd.api.types.is_integer_dtype(dtype) else text  # type: ignore[arg-type]


def _of_accounts(tables: Tables, rows: np.ndarray) -> Tables:
    """Only what concerns the accounts at these rows; `accounts` keeps all, and their places."""
    wanted = np.zeros(len(tables.accounts), dtype=np.bool_)
    wanted[rows] = True
    kept = {
        name: frame[wanted[frame[ACCOUNT_ID].cat.codes.to_numpy()]]
        for name, frame in tables.frames().items()
        if name != "accounts"
    }
    return replace(tables, **kept)


def _differences(rows: Snapshots, known: Snapshots) -> Iterable[Leak]:
    names = np.array([*rows.vocabulary, *(f"held:{p}" for p in rows.products)], dtype=object)
    given, rebuilt = (
        np.hstack([one.tokens.toarray() > 0, one.held.toarray()]) for one in (rows, known)
    )
    for row in np.flatnonzero((given != rebuilt).any(axis=1)):
        yield Leak(
            account_id=str(rows.account_ids[rows.account[row]]),
            moment=rows.moment[row].astype("datetime64[us]").astype(object),
            told=tuple(names[given[row] & ~rebuilt[row]]),
            hidden=tuple(names[rebuilt[row] & ~given[row]]),
        )
