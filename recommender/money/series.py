"""Recurring payments and income: what an account's bookings say will come again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

import numpy as np

from recommender.account import Wire
from recommender.money.booking import Booking, Ints, Ledger, date_of, day_number
from recommender.money.fit import LEAST_EXECUTIONS, LEAST_YEARLY
from recommender.money.names import payees, words_of
from recommender.money.rhythm import LENGTH, Period, Rhythm
from recommender.money.streams import Stream, streams

MISSED_UNTIL_ENDED: Final = {
    Period.WEEKLY: 3,
    Period.FOUR_WEEKLY: 2,
    Period.MONTHLY: 2,
    Period.QUARTERLY: 1,
    Period.YEARLY: 1,
}
"""After so many cycles without a booking a series has ended."""

RECENT = 6
"""Executions that say what to expect, and that travel with the account."""

GRACE_DAYS = 2
"""So much later than ever before, a booking may still come: a weekend, a holiday."""

FIXED_SHARE = 0.5
"""A price is fixed when at least so many of the amounts equal the one before."""


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
        due, cycle = self.next_due, self.rhythm.cycle(np.array([day_number(self.next_due)]))
        while due <= until and not self.ended:
            yield due
            cycle = cycle + 1
            due = date_of(int(self.rhythm.due(cycle)[0]))


def find_series(bookings: Iterable[Booking], day: date) -> tuple[Series, ...]:
    """What recurs among the bookings up to and with `day`, by counterparty; ended ones too.

    Neither order nor repetition of equal bookings matters. Currencies are never mixed.
    """
    return series_of(Ledger.of(bookings), day_number(day))


def series_of(ledger: Ledger, day: int) -> tuple[Series, ...]:
    """As `find_series`, for an account whose bookings are columns already."""
    ledger = ledger.where(ledger.day <= day)
    return tuple(described(ledger, stream, day) for stream in recurring(ledger))


def recurring(ledger: Ledger) -> list[Stream]:
    """Everything in the ledger that recurs, as rows of it, by payee."""
    found = [stream for rows in _by_payee(ledger) for stream in streams(ledger, rows)]

    def place(stream: Stream) -> tuple[str, int, int, str]:
        last = stream.rows[-1]
        payee = ledger.counterparties[ledger.counterparty[last]]
        currency = ledger.currencies[ledger.currency[last]]
        return payee, int(ledger.day[last]), int(ledger.amount[last]), currency

    return sorted(found, key=place)


def _by_payee(ledger: Ledger) -> Iterator[Ints]:
    """Rows of each payee, currency and direction, by day, where there are enough of them."""
    if not len(ledger):
        return
    codes, which = np.unique(ledger.counterparty, return_inverse=True)
    names = [words_of(ledger.counterparties[code]) for code in codes]
    distinct = list(dict.fromkeys(names))
    place = {name: at for at, name in enumerate(distinct)}
    of_code = np.array([place[name] for name in names])
    weight = np.bincount(of_code[which])
    payee = np.array(payees(distinct, weight.tolist()))[of_code][which]
    key = (payee * len(ledger.currencies) + ledger.currency) * 2 + (ledger.amount > 0)
    order = np.lexsort((ledger.amount, ledger.day, key))
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    can = _can_recur(ledger, key, order, starts)
    for (start, end), possible in zip(pairwise([*starts.tolist(), len(order)]), can, strict=True):
        if possible and end - start >= LEAST_YEARLY:
            yield order[start:end]


def _can_recur(ledger: Ledger, key: Ints, order: Ints, starts: Ints) -> list[bool]:
    """Whether each group has anything but card payments, or three of the same amount.

    Most payees of an account are shops; this spares looking at each.
    """
    card = ledger.schemes.index("card") if "card" in ledger.schemes else -1
    other = np.add.reduceat((ledger.scheme[order] != card).astype(np.int64), starts)
    alike = np.lexsort((ledger.amount, key))
    amounts, keys = ledger.amount[alike], key[alike]
    thrice = (amounts[2:] == amounts[:-2]) & (keys[2:] == keys[:-2])
    repeats = np.isin(key[order[starts]], keys[2:][thrice])
    can: list[bool] = ((other > 0) | repeats).tolist()
    return can


def described(ledger: Ledger, stream: Stream, day: int) -> Series:
    """What a stream says as of `day`."""
    rows, fit = stream.rows, stream.fit
    booked, amount = ledger.day[rows], ledger.amount[rows]
    early, late = _window(fit.late)
    following = int(fit.cycle[-1]) + 1
    ahead = max(2, int((day - booked[-1]) / LENGTH[fit.rhythm.period]) + 3)
    dues = fit.rhythm.due(following + np.arange(ahead)).tolist()
    passed = sum(due < day - late - GRACE_DAYS for due in dues)
    next_due = dues[passed]
    price = price_of(booked, amount)
    twice = np.flatnonzero(fit.cycle[1:] == fit.cycle[:-1])
    executions = len(rows) - len(twice)
    return Series(
        counterparty=ledger.counterparties[ledger.counterparty[rows[-1]]],
        scheme=ledger.schemes[ledger.scheme[rows[-1]]],
        currency=ledger.currencies[ledger.currency[rows[-1]]],
        rhythm=fit.rhythm,
        next_due=date_of(next_due),
        window_from=date_of(next_due - early),
        window_until=date_of(next_due + late),
        amount_minor=price.expected,
        low_minor=price.low,
        high_minor=price.high,
        fixed=price.fixed,
        confidence=round(fit.confidence, 4),
        started_on=date_of(int(booked[0])),
        last_on=date_of(int(booked[-1])),
        executions=executions,
        missed=following - int(fit.cycle[0]) - executions,
        rests_on=tuple(
            Execution(date_of(on), minor)
            for on, minor in zip(booked[-RECENT:].tolist(), amount[-RECENT:].tolist(), strict=True)
        ),
        price_changed_on=None if price.changed is None else date_of(price.changed),
        previous_amount_minor=price.previous,
        doubled_on=date_of(int(booked[twice[-1] + 1])) if len(twice) else None,
        missing_since=date_of(dues[0]) if passed else None,
        ended=passed >= MISSED_UNTIL_ENDED[fit.rhythm.period],
    )


def _window(late: Ints) -> tuple[int, int]:
    """How many days before and after a due day the next booking may come."""
    recent = late[-2 * RECENT :].tolist()
    first, last = min(*recent, 0), max(*recent, 0)
    if first == last:
        return 0, int(len(recent) < RECENT)
    return 1 - first, 1 + last


@dataclass(frozen=True)
class Price:
    """What the next one costs. `changed` (day number) and `previous`: the last change of it."""

    expected: int
    low: int
    high: int
    fixed: bool
    changed: int | None = None
    previous: int | None = None


def price_of(booked: Ints, amount: Ints) -> Price:
    """What the next one costs, from what the last ones did."""
    same = amount[1:] == amount[:-1]
    if np.count_nonzero(same) < FIXED_SHARE * len(same):
        recent = sorted(amount[-2 * RECENT :].tolist())
        edge = len(recent) // 10
        middle = sorted(amount[-RECENT:].tolist())
        return Price(middle[len(middle) // 2], recent[edge], recent[-1 - edge], fixed=False)
    # Runs of equal amounts; one that is interrupted by a single other amount goes on.
    starts = [0, *(np.flatnonzero(~same) + 1).tolist()]
    now = int(amount[-1])
    while len(starts) >= 3 and amount[starts[-3]] == now and starts[-1] - starts[-2] == 1:
        starts[-2:] = []
    if len(starts) == 1:
        return Price(now, now, now, fixed=True)
    before = int(amount[starts[-1] - 1])
    settled = len(amount) - starts[-1] >= LEAST_EXECUTIONS
    low, high = (now, now) if settled else (min(now, before), max(now, before))
    return Price(now, low, high, fixed=True, changed=int(booked[starts[-1]]), previous=before)
