"""A series after one booking more, or after a day more without one.

What `described` learns from all bookings is moved on by what happens, so that it need not be learnt
again until the next publication.
"""

from __future__ import annotations

import math
from datetime import date, timedelta

import msgspec
import numpy as np

from recommender.money.booking import Booking, date_of, day_number
from recommender.money.evidence import TOLERANCE
from recommender.money.names import same_payee
from recommender.money.price import RECENT, price_of, unlike
from recommender.money.series import (
    GRACE_DAYS,
    MISSED_UNTIL_ENDED,
    Execution,
    Series,
)
from recommender.money.streams import STEP

MOST_UNLIKE = 4
"""On its day a payment may be so many times the usual one, or that part of it. Not by card: shops
are paid what was bought."""


def as_of(series: Series, told: date) -> Series:
    """`series`, of which no booking came, once everything up to and with the day `told` is told."""
    late = (series.window_until - series.next_due).days
    if series.next_due >= told - timedelta(late + GRACE_DAYS):  # most are not late
        return series
    first = _cycle(series, series.missing_since or series.next_due)
    cycle, last = _cycle(series, series.next_due), day_number(told) - late - GRACE_DAYS
    while _due(series, cycle) < last:
        cycle += 1
    return msgspec.structs.replace(
        _due_next(series, cycle),
        missing_since=date_of(_due(series, first)),
        ended=cycle - first >= MISSED_UNTIL_ENDED[series.rhythm.period],
    )


def settle(series: tuple[Series, ...], booking: Booking) -> tuple[Series, ...]:
    """`series` after a booking: the one that it belongs to, if any, has moved on.

    The same tuple when it changes nothing. A booking that was told before changes nothing.
    """
    own = [place for place, one in enumerate(series) if _same_payee(one, booking)]
    if any(_is(one, booking) for place in own for one in series[place].rests_on):
        return series
    fitting = [place for place in own if _fits(series[place], booking)]
    if fitting:
        place = min(fitting, key=lambda at: _unlike(series[at], booking))
        return (*series[:place], _settled(series[place], booking), *series[place + 1 :])
    for place, one in enumerate(series):
        if one.doubled_on is not None and _gives_back(one, booking):
            back = msgspec.structs.replace(one, doubled_on=None)
            return (*series[:place], back, *series[place + 1 :])
    return series


def _is(made: Execution, booking: Booking) -> bool:
    """Whether they are one booking: only two ids tell apart what is equal in all else."""
    equal = (made.booked_on, made.amount_minor) == (booking.booked_on, booking.amount_minor)
    unknown = "" in (made.booking_id, booking.booking_id)
    return equal and (unknown or made.booking_id == booking.booking_id)


def _same_payee(series: Series, booking: Booking) -> bool:
    return (
        series.currency == booking.currency
        and (booking.amount_minor > 0) == series.income
        and same_payee(series.counterparty, booking.counterparty)
    )


def _fits(series: Series, booking: Booking) -> bool:
    """Whether it comes about when the next one is due, is the one that was waited for, or is the
    last one over again.
    """
    if not _in_time(series, booking):
        return _waited_for(series, booking)
    ahead = _cycle(series, booking.booked_on) - _last_cycle(series)
    if ahead <= 0:
        return ahead == 0 and booking.amount_minor == series.rests_on[-1].amount_minor
    most = STEP if series.scheme == "card" else MOST_UNLIKE
    return _unlike(series, booking) <= math.log(most)


def _in_time(series: Series, booking: Booking) -> bool:
    late = day_number(booking.booked_on) - _due(series, _cycle(series, booking.booked_on))
    reach = TOLERANCE[series.rhythm.period]
    early, latest = series.window_from - series.next_due, series.window_until - series.next_due
    return min(-reach, early.days) <= late <= max(reach, latest.days)


def _waited_for(series: Series, booking: Booking) -> bool:
    """Whether one was missing as its day began, and this is the usual amount, however late."""
    if as_of(series, booking.booked_on - timedelta(1)).missing_since is None:
        return False
    if _settles(series, booking) <= _last_cycle(series):
        return False
    if series.low_minor <= booking.amount_minor <= series.high_minor:
        return True
    return series.scheme != "card" and _unlike(series, booking) <= math.log(STEP)


def _settles(series: Series, booking: Booking) -> int:
    """The cycle it is of: the nearest, but where that is not near the last that was due."""
    cycle = _cycle(series, booking.booked_on)
    early = day_number(booking.booked_on) < _due(series, cycle)
    return cycle - 1 if early and not _in_time(series, booking) else cycle


def _last_cycle(series: Series) -> int:
    """That of the last booking, which may have been so late that another one's day was nearer."""
    return min(_cycle(series, series.last_on), _cycle(series, series.next_due) - 1)


def _unlike(series: Series, booking: Booking) -> float:
    return unlike(booking.amount_minor, series.amount_minor)


def _gives_back(series: Series, booking: Booking) -> bool:
    return (
        series.currency == booking.currency
        and booking.amount_minor == -series.amount_minor
        and same_payee(series.counterparty, booking.counterparty)
    )


def _settled(series: Series, booking: Booking) -> Series:
    before, cycle = _last_cycle(series), _settles(series, booking)
    made = Execution(booking.booked_on, booking.amount_minor, booking.booking_id)
    recent = tuple(sorted((*series.rests_on, made), key=lambda one: one.booked_on))[-RECENT:]
    if cycle == before:
        return msgspec.structs.replace(
            series,
            rests_on=recent,
            last_on=recent[-1].booked_on,
            doubled_on=max(booking.booked_on, series.last_on),
        )
    price = price_of(
        [day_number(one.booked_on) for one in recent], [one.amount_minor for one in recent]
    )
    # What varies keeps the range that many bookings taught; a price may be older than the recent.
    changed = price.fixed and price.changed is not None
    return msgspec.structs.replace(
        _due_next(series, cycle + 1),
        amount_minor=price.expected,
        low_minor=price.low if price.fixed else series.low_minor,
        high_minor=price.high if price.fixed else series.high_minor,
        fixed=price.fixed,
        last_on=booking.booked_on,
        executions=series.executions + 1,
        missed=series.missed + cycle - before - 1,
        rests_on=recent,
        price_changed_on=date_of(price.changed or 0) if changed else series.price_changed_on,
        previous_amount_minor=price.previous if changed else series.previous_amount_minor,
        missing_since=None,
        ended=False,
    )


def _due_next(series: Series, cycle: int) -> Series:
    """Due in that cycle, with as wide a window as before."""
    due = date_of(_due(series, cycle))
    early: timedelta = series.next_due - series.window_from
    return msgspec.structs.replace(
        series,
        next_due=due,
        window_from=due - early,
        window_until=due + (series.window_until - series.next_due),
    )


def _cycle(series: Series, day: date) -> int:
    return int(series.rhythm.cycle(np.array([day_number(day)]))[0])


def _due(series: Series, cycle: int) -> int:
    return int(series.rhythm.due(np.array([cycle]))[0])
