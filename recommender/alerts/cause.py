"""A cause: the one thing in an account that an alert is about."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

import msgspec


class Cause(msgspec.Struct, frozen=True):
    """What a source found. Amounts are minor units of the catalogue's currency, never negative.

    `key` tells the causes of one fact apart and stays the same while the cause does, whatever it
    comes to amount to: a due day and a payee, a case, a series. `about` is the kind of case or
    the product concerned, `day` the bank's day that it is about, `evidence` what it rests on.
    """

    key: str
    about: str = ""
    status: str = ""
    day: date | None = None
    amount_minor: int | None = None
    shortfall_minor: int | None = None
    before_minor: int | None = None
    counterparty: str | None = None
    evidence: tuple[str, ...] = ()

    @property
    def stake_minor(self) -> int:
        """How bad it is; what has no amount is as bad as it ever will be."""
        if self.shortfall_minor is not None:
            return self.shortfall_minor
        return self.amount_minor or 0


class Outlook(msgspec.Struct, frozen=True):
    """When a source looks (aware UTC), on which day in the bank's zone, and how far ahead.

    What weighs less than `at_least_minor` it need not find.
    """

    at: datetime
    day: date
    until: date
    zone: tzinfo
    at_least_minor: int = 0
