"""One payee may be paid for several things: its bookings, told apart into streams.

What is done with one payee is written as a generator, which yields what it wants weighed, each some
rows, and is sent the stream that each of them is, or None. So the wishes of many payees are weighed
together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import TypeAlias

import numpy as np

from recommender.money.booking import Flags, Ints, Ledger
from recommender.money.candidates import GAPS
from recommender.money.evidence import LEAST_EXECUTIONS, SALARY, TOLERANCE
from recommender.money.fit import Fit, best_fits
from recommender.money.groups import Groups
from recommender.money.rhythm import Period, Rhythm, day_of_month

CONVINCING_NATS = 1.4
"""Evidence from which something counts as recurring: four to one."""

STEP = 1.6
"""A price may change by so much, up or down, and still be the price of the same thing."""

MOST_PRICES = 6
"""So many repeated amounts are enough to see whether they lie side by side."""

FIRST_SALARY_NATS = 2.5
"""More than nine of ten first salaries are followed by another."""

SPLITS = 2
"""How often payments of unlike amounts are split into the small and the large."""

SHOP_SHARE = 0.5
"""From this share of equal amounts on, what is paid by card may be a subscription."""


@dataclass(frozen=True, eq=False)
class Stream:
    """Rows (n,) of a ledger, by day, that recur; and the rhythm they keep."""

    rows: Ints
    fit: Fit


Answers: TypeAlias = "list[Stream | None]"
Wish: TypeAlias = Generator[list[Ints], Answers, "list[Stream]"]


def streams(ledger: Ledger, groups: Sequence[Ints]) -> list[list[Stream]]:
    """What recurs in each of `groups`: rows, by day, of one payee and one currency, all in or all
    out.
    """
    found: list[list[Stream]] = [[] for _ in groups]
    wishes = [_told_apart(ledger, rows) for rows in groups]
    begun: Answers | None = None
    told: list[tuple[int, Answers | None]] = [(place, begun) for place in range(len(groups))]
    while told:
        wanted: list[tuple[int, list[Ints]]] = []
        for place, answers in told:
            try:
                wanted.append((place, wishes[place].send(answers)))  # type: ignore[arg-type]
            except StopIteration as done:
                found[place] = done.value
        weighed = iter(_weighed(ledger, [rows for _, wish in wanted for rows in wish]))
        told = [(place, list(islice(weighed, len(wish)))) for place, wish in wanted]
    return found


def _weighed(ledger: Ledger, wanted: list[Ints]) -> Answers:
    if not wanted:
        return []
    schemes = [_scheme(ledger, rows) for rows in wanted]
    return [
        Stream(rows, fit) if fit is not None and fit.evidence >= CONVINCING_NATS else None
        for rows, fit in zip(wanted, best_fits(Groups.of(ledger, wanted), schemes), strict=True)
    ]


def _scheme(ledger: Ledger, rows: Ints) -> str:
    """The commonest scheme."""
    return ledger.schemes[int(np.bincount(ledger.scheme[rows]).argmax())]


def _told_apart(ledger: Ledger, rows: Ints) -> Wish:
    amount = ledger.amount[rows]
    counts = Counter(amount.tolist())
    repeated = [value for value, count in counts.most_common() if count >= LEAST_EXECUTIONS]
    scheme = _scheme(ledger, rows)
    shop = scheme == "card"
    if scheme == SALARY and len(rows) < LEAST_EXECUTIONS:
        return _first_salaries(ledger, rows)
    # In shops people pay what they buy: of card payments only equal amounts can recur.
    if shop and not repeated:
        return []
    if not _interleaved(amount, repeated) and not (
        shop and counts[repeated[0]] < SHOP_SHARE * len(rows)
    ):
        (whole,) = yield [rows]
        if whole is not None:
            return [whole]
    found: list[Stream] = []
    left = np.ones(len(rows), np.bool_)
    of_values = [amount == value for value in repeated]
    for of_value, stream in zip(
        of_values, (yield [rows[of_value] for of_value in of_values]), strict=True
    ):
        if stream is not None:
            found.append(stream)
            left &= ~of_value
    if len(found) > 1:
        found = yield from _linked(ledger, found)
    rest = rows[left]
    if found and len(rest):
        found, rest = yield from _with_strays(ledger, found, rest)
    if not shop:
        tried = len(rest) == len(rows)
        found.extend((yield from _varying(ledger, rest, SPLITS, tried=tried)))
    return found


def _first_salaries(ledger: Ledger, rows: Ints) -> list[Stream]:
    """Of a new employer: what came once, or twice a month apart, comes again."""
    day = ledger.day[rows]
    low, high = GAPS[Period.MONTHLY]
    if (
        ledger.amount[rows[-1]] < 0
        or not (np.diff(day) >= low).all() & (np.diff(day) <= high).all()
    ):
        return []
    rhythm = Rhythm(Period.MONTHLY, int(day_of_month(day)[-1]))
    cycle = rhythm.cycle(day)
    return [Stream(rows, Fit(rhythm, cycle, day - rhythm.due(cycle), FIRST_SALARY_NATS))]


def _interleaved(amount: Ints, repeated: list[int]) -> bool:
    """Whether two amounts were paid side by side, rather than one after the other."""
    if len(repeated) < 2:
        return False
    of_value = [np.flatnonzero(amount == value) for value in repeated[:MOST_PRICES]]
    return any(
        min(one[-1], other[-1]) > max(one[0], other[0]) for one, other in combinations(of_value, 2)
    )


def _linked(ledger: Ledger, found: list[Stream]) -> Wish:
    """Streams of which one goes on where another ends, at a new price, made one."""
    linked: list[Stream] = []
    for stream in sorted(found, key=lambda one: (ledger.day[one.rows[0]], one.rows[0])):
        for place, before in enumerate(linked):
            if _goes_on(ledger, before, stream):
                (both,) = yield [np.concatenate([before.rows, stream.rows])]
                if both is not None:
                    linked[place] = both
                    break
        else:
            linked.append(stream)
    return linked


def _goes_on(ledger: Ledger, before: Stream, after: Stream) -> bool:
    rhythm, first = before.fit.rhythm, ledger.day[after.rows[:1]]
    if rhythm.period != after.fit.rhythm.period or ledger.day[before.rows[-1]] >= first[0]:
        return False
    cycle = rhythm.cycle(first)
    off = abs(int(first[0] - rhythm.due(cycle)[0]))
    gap = int(cycle[0] - before.fit.cycle[-1])
    ratio = ledger.amount[after.rows[0]] / ledger.amount[before.rows[-1]]
    return off <= TOLERANCE[rhythm.period] and 1 <= gap <= 2 and 1 / STEP <= ratio <= STEP


def _with_strays(
    ledger: Ledger, found: list[Stream], left: Ints
) -> Generator[list[Ints], Answers, tuple[list[Stream], Ints]]:
    """Bookings of another amount that fill a free cycle of a stream become part of it."""
    wider: list[Stream] = []
    for stream in found:
        filling = left[_fills(ledger, stream, left)]
        both = None
        if len(filling):
            (both,) = yield [np.sort(np.append(stream.rows, filling))]
        if both is not None:
            left = np.setdiff1d(left, filling, assume_unique=True)
        wider.append(both or stream)
    return wider, left


def _fills(ledger: Ledger, stream: Stream, rows: Ints) -> Flags:
    rhythm, day = stream.fit.rhythm, ledger.day[rows]
    cycle = rhythm.cycle(day)
    ratio = ledger.amount[rows] / np.median(ledger.amount[stream.rows])
    fills: Flags = np.abs(day - rhythm.due(cycle)) <= TOLERANCE[rhythm.period]
    fills &= (ratio <= STEP) & (ratio >= 1 / STEP) & ~np.isin(cycle, stream.fit.cycle)
    return fills


def _varying(ledger: Ledger, rows: Ints, splits: int, *, tried: bool = False) -> Wish:
    """Streams whose amounts differ each time; split at the widest step between sizes."""
    if len(rows) < LEAST_EXECUTIONS:
        return []
    (whole,) = (None,) if tried else (yield [rows])
    if whole is not None:
        return [whole]
    size = np.abs(ledger.amount[rows])
    ordered = np.sort(size)
    steps = ordered[1:] / np.maximum(ordered[:-1], 1)
    widest = int(steps.argmax())
    if not splits or steps[widest] < STEP:
        return []
    small = yield from _varying(ledger, rows[size <= ordered[widest]], splits - 1)
    large = yield from _varying(ledger, rows[size > ordered[widest]], splits - 1)
    return small + large
