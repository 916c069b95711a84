"""Whether a bank knows of debits before their day: learnt from those that it should have known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from recommender.account import Payment
from recommender.money.look_ahead import EXPECTED_DAYS, is_sure
from recommender.money.outlook import ANNOUNCED, expected
from recommender.money.series import Series


@dataclass
class Announced:
    """Of the standing orders and direct debits that are due soon: `known` of `due`."""

    due: int = 0
    known: int = 0

    def count(self, series: Sequence[Series], coming: Sequence[Payment], day: date) -> None:
        """Add one account, of which `coming` was known as `day` began."""
        due = _due(expected(series, (), day, EXPECTED_DAYS), day)
        unknown = _due(expected(series, coming, day, EXPECTED_DAYS), day)
        self.due += due
        self.known += due - unknown

    @property
    def share(self) -> float:
        return self.known / self.due if self.due else 0.0


def _due(executions: Iterable[tuple[Series, date]], day: date) -> int:
    return sum(on >= day and one.scheme in ANNOUNCED and is_sure(one) for one, on in executions)
