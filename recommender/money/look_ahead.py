"""Looking ahead: from what an account's bookings taught to what lies ahead of it now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Final, NamedTuple

import msgspec
import numpy as np

from recommender.account import Account, Payment
from recommender.errors import StateError
from recommender.money.ahead import (
    HORIZON_DAYS,
    STANDS_FROM_PERMILLE,
    TOLD_FROM_PERMILLE,
    Ahead,
    Expected,
    Sign,
    SignKind,
)
from recommender.money.finances import Finances, unpack_finances
from recommender.money.outlook import Outlook, Outset, expected, project_each
from recommender.money.rhythm import Floats
from recommender.money.series import Series
from recommender.money.settling import as_of
from recommender.money.streams import STEP

EXPECTED_DAYS = 14
"""How far ahead debits travel one by one, as the payments that are known do."""

NEGLIGIBLE_PERMILLE = 10
"""Whose chance of a shortfall stays below this in all of the coming weeks has none."""

HOLDS_DAYS = 7
"""Where no shortfall was in sight for all of the coming weeks, and nothing moved since, that is
believed for so long."""

AT_ONCE = 32
"""Accounts that are looked at together: enough for numpy, few enough for the processor's cache."""

MONEY: Final = ("balance_minor", "coming", "finances")
"""What `Ahead` is made from."""

SURE_ENOUGH = 0.8
"""The confidence from which a series is spoken of."""

LEAST_EXECUTIONS = 3
KEPT = 0.9
"""The share of its cycles in which an income must have come for its absence to be news."""
MUCH_MORE = 1.5
"""A debit is unusual from so many times the most that the last ones took."""
UNUSUAL_DAYS, PRICE_DAYS = timedelta(14), timedelta(31)
"""For so long they are news."""

LIKELY = 0.25
"""The chance of an evening below zero from which it is said what is lacking then."""

_KNOWN: Final = timedelta(EXPECTED_DAYS)
_ROUND_MINOR: Final = 100


def looked_ahead(account: Account, before: Account, day: date, currency: str) -> Account:
    """`account` with what lies ahead of it as `day` (the bank's) begins: made anew only where its
    money moved since `before`, or another day began. The same object where neither is so.

    Finances of another version say nothing until the next publication brings those of this one.
    """
    ahead = account.ahead
    if not account.finances and ahead is None:
        return account
    moved = any(getattr(account, name) != getattr(before, name) for name in MONEY)
    if not moved and ahead is not None and ahead.day == day:
        return account
    try:
        finances = unpack_finances(account.finances)
    except StateError:
        return msgspec.structs.replace(account, ahead=None, finances=b"")
    if ahead is not None and not moved and _holds(ahead, day):
        series = _going_on(finances, day, currency)
        now = msgspec.structs.replace(
            ahead,
            day=day,
            expected=tuple(_debits(series, account.coming, day)),
            signs=tuple(_signs(series, day)),
        )
    else:
        now = look_ahead(account.balance_minor, day, account.coming, finances, currency)
        now = standing(now, ahead)
    return msgspec.structs.replace(account, ahead=now)


def _holds(before: Ahead, day: date) -> bool:
    return not before.chance_permille and 0 <= (day - before.first).days < HOLDS_DAYS


def standing(ahead: Ahead, before: Ahead | None) -> Ahead:
    """`ahead`, where a shortfall that was ahead before needs less of a chance to stay."""
    if before is None or before.short(ahead.day, ahead.day + timedelta(HORIZON_DAYS)) is None:
        return ahead
    return msgspec.structs.replace(ahead, from_permille=STANDS_FROM_PERMILLE)


class Standing(NamedTuple):
    """What is known of an account as a day begins."""

    balance_minor: int | None
    coming: Sequence[Payment]
    finances: Finances


def look_ahead(
    balance_minor: int | None,
    day: date,
    coming: Sequence[Payment],
    finances: Finances,
    currency: str,
) -> Ahead:
    """What lies ahead as `day` begins; all in `currency`. Without a balance none is projected."""
    return next(look_ahead_each([Standing(balance_minor, coming, finances)], day, currency))


def look_ahead_each(accounts: Iterable[Standing], day: date, currency: str) -> Iterator[Ahead]:
    """As `look_ahead`, for each account, in less than half the time."""
    waiting = iter(accounts)
    while some := list(islice(waiting, AT_ONCE)):
        series = [_going_on(one.finances, day, currency) for one in some]
        outlooks = iter(
            project_each(
                [
                    Outset(
                        one.balance_minor,
                        one.coming,
                        own,
                        one.finances.spending,
                        one.finances.until + _KNOWN,
                    )
                    for one, own in zip(some, series, strict=True)
                    if one.balance_minor is not None
                ],
                day,
            )
        )
        for one, own in zip(some, series, strict=True):
            outlook = None if one.balance_minor is None else next(outlooks)
            yield _ahead(outlook, day, one.coming, own)


def _ahead(
    outlook: Outlook | None, day: date, coming: Sequence[Payment], series: Sequence[Series]
) -> Ahead:
    chances: tuple[int, ...] = ()
    lacking: tuple[int, ...] = ()
    if outlook is not None:
        permille = np.rint(outlook.ever_below(0) * 1000).astype(int)
        if permille[-1] >= NEGLIGIBLE_PERMILLE:
            chances = tuple(permille.tolist())
            lacking = tuple(_rounded(np.where(outlook.below(0) >= LIKELY, outlook.shortfall(0), 0)))
    return Ahead(
        day,
        day,
        chances,
        lacking,
        TOLD_FROM_PERMILLE,
        tuple(_debits(series, coming, day)),
        tuple(_signs(series, day)),
    )


def _rounded(lacking: Floats) -> Iterator[int]:
    """What is only likely is told in whole units; nothing that lacks is nothing."""
    for minor in lacking.tolist():
        yield max(round(minor / _ROUND_MINOR), 1) * _ROUND_MINOR if minor > 0 else 0


def _going_on(finances: Finances, day: date, currency: str) -> list[Series]:
    yesterday = day - timedelta(1)
    now = (as_of(one, yesterday) for one in finances.series if one.currency == currency)
    return [one for one in now if not one.ended]


def _debits(series: Sequence[Series], coming: Sequence[Payment], day: date) -> Iterator[Expected]:
    """What is likely to leave, but for what is known already; the soonest first."""
    due = [
        Expected(on, one.amount_minor, one.counterparty)
        for one, on in expected(series, coming, day, EXPECTED_DAYS + 1)
        if on >= day and not one.income and is_sure(one)
    ]
    yield from sorted(due, key=lambda one: (one.due_on, one.counterparty, one.amount_minor))


def is_sure(one: Series) -> bool:
    """Whether its next execution is spoken of."""
    return one.missing_since is None and one.confidence >= SURE_ENOUGH


def _signs(series: Iterable[Series], day: date) -> Iterator[Sign]:
    for one in series:
        if one.executions < LEAST_EXECUTIONS or one.confidence < SURE_ENOUGH:
            continue
        if one.income:
            yield from _missing(one)
        else:
            yield from _twice(one, day)
            yield from _more(one, day)


def _missing(series: Series) -> Iterator[Sign]:
    """What failed to come before may do so again, and is no news."""
    if series.executions < KEPT * (series.executions + series.missed):
        return
    if (since := series.missing_since) is not None:
        amount = series.amount_minor
        yield Sign(SignKind.MISSING, since, amount, 0, series.counterparty)


def _twice(series: Series, day: date) -> Iterator[Sign]:
    """The very same amount; who pays a bill in two parts knows it."""
    on = series.doubled_on
    if on is None or not series.fixed or day - on > PRICE_DAYS:
        return
    amounts = [one.amount_minor for one in series.rests_on if one.booked_on <= on][-2:]
    if len(amounts) == 2 and amounts[0] == amounts[1]:
        yield Sign(SignKind.TWICE, on, -amounts[1], 0, series.counterparty)


def _more(series: Series, day: date) -> Iterator[Sign]:
    """A price that went up, or one debit that stands out; never both of the same."""
    changed, before = series.price_changed_on, series.previous_amount_minor
    last, name = series.rests_on[-1], series.counterparty
    if series.fixed:
        if changed is None or before is None or series.amount_minor >= before:
            return
        amount = -series.amount_minor
        if amount <= STEP * -before:
            if day - changed <= PRICE_DAYS:
                yield Sign(SignKind.DEARER, changed, amount, -before, name)
        elif last.booked_on == changed and day - changed <= UNUSUAL_DAYS:
            yield Sign(SignKind.UNUSUAL, changed, amount, -before, name)
        return
    usual = max((-one.amount_minor for one in series.rests_on[:-1]), default=0)
    enough = len(series.rests_on) > LEAST_EXECUTIONS
    if enough and -last.amount_minor >= MUCH_MORE * usual and day - last.booked_on <= UNUSUAL_DAYS:
        yield Sign(SignKind.UNUSUAL, last.booked_on, -last.amount_minor, usual, name)
