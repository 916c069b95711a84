"""Whether a bank knows of debits before their day: learnt from those that it should have known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from recommender.account import Payment
from recommender.money.look_ahead import EXPECTED_DAYS, SURE_ENOUGH
from recommender.money.outlook import ANNOUNCED, expected
from recommender.money.series import Series


@dataclass
class Announced:
    """Of the standing orders and direct debits that are due soon: `known` of `due`."""

    due: int = 0
    known: int = 0

    def count(self, series: Iterable[Series], coming: Sequence[Payment], day: date) -> None:
        """Add one account, of which `coming` was known as `day` began."""
        sure = [
            one
            for one in series
            if one.scheme in ANNOUNCED and one.missing_since is None
            if one.confidence >= SURE_ENOUGH
        ]
        until = day + timedelta(EXPECTED_DAYS - 1)
        due = sum(on >= day for one in sure for on in one.due_until(until))
        unknown = sum(on >= day for _, on in expected(sure, coming, day, EXPECTED_DAYS))
        self.due += due
        self.known += due - unknown

    @property
    def share(self) -> float:
        return self.known / self.due if self.due else 0.0
