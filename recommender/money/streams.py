"""One payee may be paid for several things: its bookings, told apart into streams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from recommender.money.booking import Flags, Ints, Ledger
from recommender.money.fit import LEAST_EXECUTIONS, TOLERANCE, Fit, best_fit

CONVINCING_NATS = 1.4
"""Evidence from which something counts as recurring: four to one."""

STEP = 1.6
"""A price may change by so much, up or down, and still be the price of the same thing."""

MOST_PRICES = 6
"""So many repeated amounts are enough to see whether they lie side by side."""

SPLITS = 2
"""How often payments of unlike amounts are split into the small and the large."""

SHOP_SHARE = 0.5
"""From this share of equal amounts on, what is paid by card may be a subscription."""


@dataclass(frozen=True, eq=False)
class Stream:
    """Rows (n,) of a ledger, by day, that recur; and the rhythm they keep."""

    rows: Ints
    fit: Fit


def streams(ledger: Ledger, rows: Ints) -> list[Stream]:
    """What recurs among `rows`, by day, of one payee and one currency, all in or all out."""
    amount = ledger.amount[rows]
    counts = Counter(amount.tolist())
    repeated = [value for value, count in counts.most_common() if count >= LEAST_EXECUTIONS]
    shop = _scheme(ledger, rows) == "card"
    # In shops people pay what they buy: of card payments only equal amounts can recur.
    if shop and not repeated:
        return []
    if not _interleaved(amount, repeated) and not (
        shop and counts[repeated[0]] < SHOP_SHARE * len(rows)
    ):
        whole = _stream(ledger, rows)
        if whole is not None:
            return [whole]
    found: list[Stream] = []
    left = np.ones(len(rows), np.bool_)
    for value in repeated:
        of_value = amount == value
        stream = _stream(ledger, rows[of_value])
        if stream is not None:
            found.append(stream)
            left &= ~of_value
    if len(found) > 1:
        found = _linked(ledger, found)
    rest = rows[left]
    if found and len(rest):
        found, rest = _with_strays(ledger, found, rest)
    if not shop:
        tried = len(rest) == len(rows)
        found.extend(_varying(ledger, rest, SPLITS, tried=tried))
    return found


def _scheme(ledger: Ledger, rows: Ints) -> str:
    """The commonest scheme."""
    return ledger.schemes[int(np.bincount(ledger.scheme[rows]).argmax())]


def _stream(ledger: Ledger, rows: Ints) -> Stream | None:
    fit = best_fit(ledger.day[rows], ledger.amount[rows], _scheme(ledger, rows))
    return Stream(rows, fit) if fit is not None and fit.evidence >= CONVINCING_NATS else None


def _interleaved(amount: Ints, repeated: list[int]) -> bool:
    """Whether two amounts were paid side by side, rather than one after the other."""
    if len(repeated) < 2:
        return False
    of_value = [np.flatnonzero(amount == value) for value in repeated[:MOST_PRICES]]
    return any(
        min(one[-1], other[-1]) > max(one[0], other[0]) for one, other in combinations(of_value, 2)
    )


def _linked(ledger: Ledger, found: list[Stream]) -> list[Stream]:
    """Streams of which one goes on where another ends, at a new price, made one."""
    linked: list[Stream] = []
    for stream in sorted(found, key=lambda one: (ledger.day[one.rows[0]], one.rows[0])):
        for place, before in enumerate(linked):
            if _goes_on(ledger, before, stream):
                both = _stream(ledger, np.concatenate([before.rows, stream.rows]))
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


def _with_strays(ledger: Ledger, found: list[Stream], left: Ints) -> tuple[list[Stream], Ints]:
    """Bookings of another amount that fill a free cycle of a stream become part of it."""
    wider: list[Stream] = []
    for stream in found:
        filling = left[_fills(ledger, stream, left)]
        both = _stream(ledger, np.sort(np.append(stream.rows, filling))) if len(filling) else None
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


def _varying(ledger: Ledger, rows: Ints, splits: int, *, tried: bool = False) -> Iterator[Stream]:
    """Streams whose amounts differ each time; split at the widest step between sizes."""
    if len(rows) < LEAST_EXECUTIONS:
        return
    whole = None if tried else _stream(ledger, rows)
    if whole is not None:
        yield whole
        return
    size = np.abs(ledger.amount[rows])
    ordered = np.sort(size)
    steps = ordered[1:] / np.maximum(ordered[:-1], 1)
    widest = int(steps.argmax())
    if splits and steps[widest] >= STEP:
        yield from _varying(ledger, rows[size <= ordered[widest]], splits - 1)
        yield from _varying(ledger, rows[size > ordered[widest]], splits - 1)
