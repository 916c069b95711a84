"""The balance of the coming weeks, as a distribution: what is known, what recurs, what is spent.

256 paths are followed, each with its own draws from one fixed table: equal inputs give equal
outlooks, and a small change of an input changes little.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np

from recommender.account import Payment
from recommender.money.booking import Flags, day_number
from recommender.money.draws import MOST_DAYS, PATHS
from recommender.money.matching import announced
from recommender.money.paths import Due, followed, plan
from recommender.money.rhythm import Floats
from recommender.money.series import Series
from recommender.money.spending import Spending

DAYS = 35
SURE = 1 / (4 * PATHS)
"""No chance is 0 or 1: 256 paths cannot know."""

ANNOUNCED: Final = ("standing_order", "direct_debit")
"""Schemes that a bank may know of before the day; most that it does not know will not come."""


@dataclass(frozen=True, eq=False)
class Outlook:
    """End-of-day balances, minor units, (days, PATHS); `first` is the first of the days.

    Chances are those of the paths, corrected in their log odds by what `Peers` learnt of earlier
    outlooks.
    """

    first: date
    paths: Floats
    chance_offset: float = 0.0
    chance_slope: float = 1.0

    def quantiles(self, shares: Sequence[float]) -> Floats:
        """(days, shares): the balance that stays below with each probability."""
        found: Floats = np.quantile(self.paths, shares, axis=1).T
        return found

    def below(self, limit_minor: int) -> Floats:
        """(days,): the chance of a balance below the limit at the end of each day."""
        return self._chances(self.paths < limit_minor)

    def ever_below(self, limit_minor: int) -> Floats:
        """(days,): the chance that it has been below at the end of some day so far."""
        falls = self.paths < limit_minor
        # Eight paths at a time, at a sixth of the time.
        fell: Flags = np.bitwise_or.accumulate(falls.view(np.uint64)).view(np.bool_)
        return self._chances(fell)

    def _chances(self, falls: Flags) -> Floats:
        odds = np.clip(falls.mean(axis=1), SURE, 1 - SURE)
        odds = self.chance_slope * np.log(odds / (1 - odds)) + self.chance_offset
        chances: Floats = 1 / (1 + np.exp(-odds))
        return chances

    def shortfall(self, limit_minor: int) -> Floats:
        """(days,): what is lacking to the limit on average, where anything is; else 0."""
        lacking = np.maximum(limit_minor - self.paths, 0)
        short = np.maximum((lacking > 0).sum(axis=1), 1)
        expected: Floats = lacking.sum(axis=1) / short
        return expected

    def day(self, place: int) -> date:
        return self.first + timedelta(days=place)


class Outset(NamedTuple):
    """From where an account's balance sets out: as the day begins, and what is known and learnt.

    `known` tells of what is due up to `known_until`: what a bank usually knows and does not tell of
    is unlikely to come. Everything must be of one currency.
    """

    balance_minor: int
    known: Sequence[Payment]
    series: Sequence[Series]
    spending: Spending
    known_until: date = date.min


def project(
    balance_minor: int,
    day: date,
    known: Iterable[Payment],
    series: Iterable[Series],
    spending: Spending,
    days: int = DAYS,
    known_until: date = date.min,
) -> Outlook:
    """As `project_each`, for one account."""
    outset = Outset(balance_minor, tuple(known), tuple(series), spending, known_until)
    return project_each([outset], day, days)[0]


def project_each(outsets: Sequence[Outset], day: date, days: int = DAYS) -> list[Outlook]:
    """The ends of `day` and the days after it, of each account; none depends on the others.

    A known payment takes the place of one that a series brings about that day: see `matching`.
    Memory grows with the accounts: up to 2 MB for each.

    Raises:
        ValueError: `days` is not from 1 to MOST_DAYS.
    """
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(f"an outlook is over 1 to {MOST_DAYS} days, not {days}")
    if not outsets:
        return []
    planned, first = np.zeros((days, len(outsets), PATHS)), day_number(day)
    for account, outset in enumerate(outsets):
        for payment in outset.known:
            if 0 <= (place := day_number(payment.due_on) - first) < days:
                planned[place, account] += payment.amount_minor
    plan(planned, [due for at, one in enumerate(outsets) for due in _due(at, one, day, days)])
    spending = [one.spending for one in outsets]
    paths = followed([one.balance_minor for one in outsets], planned, spending)
    return [
        Outlook(day, paths[:, at], one.chance_offset, one.chance_slope)
        for at, one in enumerate(spending)
    ]


def _due(account: int, outset: Outset, day: date, days: int) -> Iterator[Due]:
    first, share = day_number(day), outset.spending.announced
    for row, (one, due) in enumerate(expected(outset.series, outset.known, day, days)):
        told = one.scheme in ANNOUNCED and day <= due <= outset.known_until
        yield Due(account, row, day_number(due) - first, one, 1 - told * share)


def expected(
    series: Sequence[Series], known: Sequence[Payment], day: date, days: int
) -> Iterator[tuple[Series, date]]:
    """What series bring within the days, but for what is known already.

    `series` are all of the account: of some alone, a payment could take the place of another one's.
    """
    until = day + timedelta(days=days - 1)
    told = announced(series, known) if known else frozenset()
    for row, one in enumerate(series):
        for due in one.due_until(until):
            if (row, due) not in told:
                yield one, due
