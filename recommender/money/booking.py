"""A booking, and all bookings of one account side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

_EPOCH = date(1970, 1, 1).toordinal()


class Booking(msgspec.Struct, frozen=True):
    """Money that came (positive) or went, on the bank's own calendar.

    Bookings that are equal in everything are one booking told twice; a `booking_id` tells two real
    ones apart.
    """

    booked_on: date
    amount_minor: int
    currency: str
    counterparty: str
    scheme: str = ""
    description: str = ""
    booking_id: str = ""


def day_number(day: date) -> int:
    """Days since 1970-01-01, as all of this package counts them."""
    return day.toordinal() - _EPOCH


def date_of(number: int) -> date:
    return date.fromordinal(_EPOCH + number)


@dataclass(frozen=True, eq=False)
class Ledger:
    """The bookings of one account, by day and each once; columns of (n,).

    `currency`, `counterparty` and `scheme` are codes into the texts, which many accounts may share.
    """

    day: Ints
    amount: Ints
    currency: Ints
    counterparty: Ints
    scheme: Ints
    currencies: Sequence[str]
    counterparties: Sequence[str]
    schemes: Sequence[str]

    def __len__(self) -> int:
        return len(self.day)

    @classmethod
    def of(cls, bookings: Iterable[Booking]) -> Self:
        """`bookings` in any order, with repetitions."""
        rows = sorted(
            set(bookings), key=lambda one: (one.booked_on, one.amount_minor, one.counterparty)
        )
        currency, currencies = _coded([row.currency for row in rows])
        counterparty, counterparties = _coded([row.counterparty for row in rows])
        scheme, schemes = _coded([row.scheme for row in rows])
        return cls(
            np.array([day_number(row.booked_on) for row in rows], np.int64),
            np.array([row.amount_minor for row in rows], np.int64),
            currency,
            counterparty,
            scheme,
            currencies,
            counterparties,
            schemes,
        )

    def where(self, keep: Flags | Ints | slice) -> Ledger:
        return Ledger(
            self.day[keep],
            self.amount[keep],
            self.currency[keep],
            self.counterparty[keep],
            self.scheme[keep],
            self.currencies,
            self.counterparties,
            self.schemes,
        )


@dataclass(frozen=True, eq=False)
class Ledgers:
    """Several accounts' bookings, one account after the other.

    `edges` (accounts + 1,): account k's are from `edges[k]` up to `edges[k + 1]`.
    """

    together: Ledger
    edges: Ints

    @classmethod
    def of_one(cls, ledger: Ledger) -> Self:
        return cls(ledger, np.array([0, len(ledger)]))

    def __len__(self) -> int:
        return len(self.edges) - 1

    def __getitem__(self, account: int) -> Ledger:
        start, end = self.edges[account : account + 2].tolist()
        return self.together.where(slice(start, end))

    def some(self, first: int, count: int) -> Ledgers:
        """`count` accounts from `first` on, or as many as there are."""
        edges = self.edges[first : first + count + 1]
        ledger = self.together.where(slice(int(edges[0]), int(edges[-1])))
        return Ledgers(ledger, edges - edges[0])

    def where(self, keep: Flags) -> Ledgers:
        """All accounts, with some of their bookings: `keep` (n,)."""
        kept = np.append(0, np.cumsum(keep))
        return Ledgers(self.together.where(keep), kept[self.edges])

    def account(self) -> Ints:
        """(n,): the account of each booking."""
        return np.repeat(np.arange(len(self)), np.diff(self.edges))


def _coded(texts: Sequence[str]) -> tuple[Ints, tuple[str, ...]]:
    codes: dict[str, int] = {}
    return np.array([codes.setdefault(text, len(codes)) for text in texts], np.int64), tuple(codes)
