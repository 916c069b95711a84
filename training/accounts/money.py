"""What everybody's bookings say: learnt once from a directory of tables, then kept beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from recommender.catalogue import Catalogue
from recommender.catalogue.alerts import zone_of
from recommender.money.ahead import Ahead
from recommender.tables import ACCOUNT_ID
from training.accounts.records import balances, coming
from training.money.everyone import Standing, learn_finances, look_ahead_of
from training.money.kept import kept_file, made_from, read_kept, write_kept
from training.tables import Tables

Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Money:
    """By account, where it has bookings: its packed finances, and what lies ahead of it."""

    finances: Mapping[str, bytes]
    ahead: Mapping[str, Ahead]


def finances_in(
    directory: Path,
    tables: Tables,
    catalogue: Catalogue,
    at: datetime,
    progress: Progress = lambda _: None,
) -> dict[str, bytes]:
    """The packed finances that the bookings in `tables`, read from `directory`, teach.

    Taken from the file beside it while the bookings are the same; else learnt, and written there.

    Raises:
        RaakError: a process that learns was ended from outside.
    """
    file, inputs = kept_file(directory), made_from(directory, catalogue.currency)
    kept = read_kept(file, inputs, frozenset(tables.accounts[ACCOUNT_ID]))
    if kept is not None:
        return kept
    day = bank_day(catalogue, at)
    learnt = learn_finances(
        tables.transactions, day, catalogue.currency, processes=None, progress=progress
    )
    write_kept(file, inputs, learnt)
    return learnt


def look_ahead_in(
    tables: Tables,
    catalogue: Catalogue,
    at: datetime,
    finances: Mapping[str, bytes],
    progress: Progress = lambda _: None,
) -> Money:
    """What lies ahead of each account as the bank's day of `at` begins.

    Raises:
        RaakError: a process that looks ahead was ended from outside.
    """
    ids = tables.accounts[ACCOUNT_ID].tolist()
    now = np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us")
    known = zip(
        ids,
        balances(tables.transactions, catalogue, now, len(ids)),
        coming(tables.scheduled_payments, catalogue, now, len(ids)),
        strict=True,
    )
    standing = {account_id: Standing(balance, ahead) for account_id, balance, ahead in known}
    day = bank_day(catalogue, at)
    ahead = look_ahead_of(finances, standing, day, catalogue.currency, progress=progress)
    return Money(finances, ahead)


def bank_day(catalogue: Catalogue, at: datetime) -> date:
    return at.astimezone(zone_of(catalogue.timezone)).date()
