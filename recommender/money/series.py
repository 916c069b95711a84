"""Recurring payments and income: what an account's bookings say will come again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain, islice
from typing import Final

import numpy as np

from recommender.account import Wire
from recommender.money.booking import Booking, Ledger, Ledgers, date_of, day_number
from recommender.money.fit import coming_dues
from recommender.money.payee import by_payee
from recommender.money.price import RECENT, price_of
from recommender.money.rhythm import SHORTEST, Period, Rhythm
from recommender.money.streams import Stream, streams

MISSED_UNTIL_ENDED: Final = {
    Period.WEEKLY: 3,
    Period.FOUR_WEEKLY: 2,
    Period.MONTHLY: 2,
    Period.QUARTERLY: 1,
    Period.YEARLY: 1,
}
"""After so many cycles without a booking a series has ended."""

GRACE_DAYS = 2
"""So much later than ever before, a booking may still come: a weekend, a holiday."""


class Execution(Wire, frozen=True):
    """`booking_id` is empty where nobody told it: in tables."""

    booked_on: date
    amount_minor: int
    booking_id: str = ""


class Series(Wire, frozen=True):
    """One thing that recurs; amounts are signed, `low_minor` is the lowest number of the range.

    `window_from` to `window_until` is when the next one is expected; `next_due` the likeliest day.
    `rests_on` are the latest executions, `executions` is how many there were. `fixed`: the amount
    was the same each time, but for changes of price, the last of them on `price_changed_on`.
    `missing_since`: the first due day that has passed without a booking since the last one;
    `ended`: so many have passed that no more are expected. `doubled_on`: paid twice in a cycle.
    """

    counterparty: str
    scheme: str
    currency: str
    rhythm: Rhythm
    next_due: date
    window_from: date
    window_until: date
    amount_minor: int
    low_minor: int
    high_minor: int
    fixed: bool
    confidence: float
    started_on: date
    last_on: date
    executions: int
    missed: int
    rests_on: tuple[Execution, ...] = ()
    price_changed_on: date | None = None
    previous_amount_minor: int | None = None
    doubled_on: date | None = None
    missing_since: date | None = None
    ended: bool = False

    @property
    def income(self) -> bool:
        return self.amount_minor > 0

    def due_until(self, until: date) -> Iterator[date]:
        """Each coming due day up to and with `until`; none once it has ended."""
        if self.ended or self.next_due > until:
            return
        yield self.next_due
        yield from _dues_after(self.rhythm, self.next_due, until)


@lru_cache(maxsize=4096)
def _dues_after(rhythm: Rhythm, due: date, until: date) -> tuple[date, ...]:
    """The due days after `due`, which is one, up to and with `until`.

    Kept, as many accounts have the same: their landlords are paid on the same few days.
    """
    last, cycle = day_number(until), rhythm.cycle(np.array([day_number(due)]))
    cycles = 1 + np.arange((until - due).days // SHORTEST[rhythm.period] + 1)
    return tuple(date_of(one) for one in rhythm.due(cycle + cycles).tolist() if one <= last)


def find_series(bookings: Iterable[Booking], day: date) -> tuple[Series, ...]:
    """What recurs among the bookings up to and with `day`, by counterparty; ended ones too.

    Neither order nor repetition of equal bookings matters. Currencies are never mixed.
    """
    return series_of(Ledger.of(bookings), day_number(day))


def series_of(ledger: Ledger, day: int) -> tuple[Series, ...]:
    """As `find_series`, for an account whose bookings are columns already."""
    return series_of_each(Ledgers.of_one(ledger), day)[0]


def series_of_each(ledgers: Ledgers, day: int) -> list[tuple[Series, ...]]:
    """As `series_of`, for each account."""
    ledgers = ledgers.where(ledgers.together.day <= day)
    found = recurring_of(ledgers)
    series = iter(described(ledgers.together, list(chain.from_iterable(found)), day))
    return [tuple(islice(series, len(streams))) for streams in found]


def recurring(ledger: Ledger) -> list[Stream]:
    """Everything in the ledger that recurs, as rows of it, by payee."""
    return recurring_of(Ledgers.of_one(ledger))[0]


def recurring_of(ledgers: Ledgers) -> list[list[Stream]]:
    """As `recurring`, for each account, as rows of all bookings together.

    Many accounts at once take a third of the time.
    """
    ledger = ledgers.together
    groups, whose = by_payee(ledgers)
    found: list[list[Stream]] = [[] for _ in range(len(ledgers))]
    for account, several in zip(whose, streams(ledger, groups), strict=True):
        found[account].extend(several)

    def place(stream: Stream) -> tuple[str, int, int, str]:
        last = stream.rows[-1]
        payee = ledger.counterparties[ledger.counterparty[last]]
        currency = ledger.currencies[ledger.currency[last]]
        return payee, int(ledger.day[last]), int(ledger.amount[last]), currency

    return [sorted(one, key=place) for one in found]


def described(ledger: Ledger, streams: Sequence[Stream], day: int) -> list[Series]:
    """What each stream says as of `day`."""
    dues = coming_dues([(one.fit, int(ledger.day[one.rows[-1]])) for one in streams], day)
    return [_described(ledger, one, due, day) for one, due in zip(streams, dues, strict=True)]


def _described(ledger: Ledger, stream: Stream, dues: list[int], day: int) -> Series:
    rows, fit, last = stream.rows, stream.fit, stream.rows[-1]
    booked, amount = ledger.day[rows].tolist(), ledger.amount[rows].tolist()
    cycle = fit.cycle.tolist()
    early, late = _window(fit.late[-2 * RECENT :].tolist())
    passed = sum(due < day - late - GRACE_DAYS for due in dues)
    next_due = dues[passed]
    price = price_of(booked, amount)
    twice = [at for at in range(1, len(cycle)) if cycle[at] == cycle[at - 1]]
    executions = len(cycle) - len(twice)
    return Series(
        counterparty=ledger.counterparties[ledger.counterparty[last]],
        scheme=ledger.schemes[ledger.scheme[last]],
        currency=ledger.currencies[ledger.currency[last]],
        rhythm=fit.rhythm,
        next_due=date_of(next_due),
        window_from=date_of(next_due - early),
        window_until=date_of(next_due + late),
        amount_minor=price.expected,
        low_minor=price.low,
        high_minor=price.high,
        fixed=price.fixed,
        confidence=round(fit.confidence, 4),
        started_on=date_of(booked[0]),
        last_on=date_of(booked[-1]),
        executions=executions,
        missed=cycle[-1] + 1 - cycle[0] - executions,
        rests_on=tuple(map(Execution, map(date_of, booked[-RECENT:]), amount[-RECENT:])),
        price_changed_on=None if price.changed is None else date_of(price.changed),
        previous_amount_minor=price.previous,
        doubled_on=date_of(booked[twice[-1]]) if twice else None,
        missing_since=date_of(dues[0]) if passed else None,
        ended=passed >= MISSED_UNTIL_ENDED[fit.rhythm.period],
    )


def _window(late: list[int]) -> tuple[int, int]:
    """How many days before and after a due day the next booking may come, if the last ones were
    so late.
    """
    first, last = min(*late, 0), max(*late, 0)
    if first == last:
        return 0, int(len(late) < RECENT)
    return 1 - first, 1 + last
