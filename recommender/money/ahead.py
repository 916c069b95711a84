"""What lies ahead of an account's money, in so few numbers that every request can read them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec

TOLD_FROM_PERMILLE = 650
"""A shortfall is ahead from this chance of it on; `make bench ONLY=alerts` measures it so."""

STANDS_FROM_PERMILLE = 100
"""And once it is, until the chance falls below this: what was told does not come and go."""


HORIZON_DAYS = 7
"""How far ahead a shortfall must be for rules to know of it."""


class SignKind(StrEnum):
    UNUSUAL = "unusual"
    DEARER = "dearer"
    TWICE = "twice"
    MISSING = "missing"


class Sign(msgspec.Struct, frozen=True, array_like=True):
    """Something about a series that its owner wants to know; amounts are unsigned minor units.

    `on` is the day of the booking, or that on which a missing one was due. `before_minor` is what
    it was before, or at most.
    """

    kind: SignKind
    on: date
    amount_minor: int
    before_minor: int
    counterparty: str


class Expected(msgspec.Struct, frozen=True, array_like=True):
    """A debit that a series brings and nobody announced; `amount_minor` is negative."""

    due_on: date
    amount_minor: int
    counterparty: str


class Short(NamedTuple):
    """The first day on which the balance is likely below zero; how far it may go, and on which day
    that is.
    """

    begins: date
    lacking_minor: int
    deepest: date


class Ahead(msgspec.Struct, frozen=True, array_like=True):
    """The money of the coming weeks as it looked as `day` began.

    The balance was projected on the day `first`: `chance_permille` is that of having been below
    zero at the end of some day from then on, `lacking_minor` what is lacking that day on average, 0
    where that it lacks is unlikely. Both are empty for the many to whom it will not happen. A
    chance counts from `from_permille` on.
    """

    day: date
    first: date
    chance_permille: tuple[int, ...] = ()
    lacking_minor: tuple[int, ...] = ()
    from_permille: int = TOLD_FROM_PERMILLE
    expected: tuple[Expected, ...] = ()
    signs: tuple[Sign, ...] = ()

    def short(self, day: date, until: date) -> Short | None:
        """The shortfall that is likely from `day` up to and with `until`, if any."""
        begin, end = max((day - self.first).days, 0), (until - self.first).days + 1
        for place, chance in enumerate(self.chance_permille[begin:end], begin):
            if chance >= self.from_permille:
                lacking = self.lacking_minor[place:end]
                deepest = place + lacking.index(max(lacking))
                return Short(self._day(place), max(lacking), self._day(deepest))
        return None

    def _day(self, place: int) -> date:
        return self.first + timedelta(place)

    def signs_of(self, kind: SignKind) -> Iterator[Sign]:
        return (sign for sign in self.signs if sign.kind == kind)
