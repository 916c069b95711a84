"""Where the facts that conditions ask about may lie: which values, or that there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from recommender.account import Value

Number = int | float


class Subject(NamedTuple):
    """One fact that a condition can ask about: `("value", "age")`, `("holds", "mortgage")`."""

    kind: str
    name: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class Among:
    """One of `values`; or missing, where that is `absent`."""

    values: frozenset[Value]
    absent: bool = False

    @property
    def empty(self) -> bool:
        return not self.values and not self.absent

    def meet(self, other: Region) -> Region:
        """What lies in both."""
        if not isinstance(other, Among):
            raise TypeError("a fact is either counted or named")
        return Among(self.values & other.values, self.absent and other.absent)

    def has(self, value: Value | float | None) -> bool:
        return self.absent if value is None else value in self.values

    def pick(self) -> Value | None:
        """One value of it, always the same; None where only missing is possible."""
        return min(self.values, key=lambda value: (not value, str(value)), default=None)


@dataclass(frozen=True, slots=True)
class Between:
    """From `low` to below `high` but for `holes`; or missing, where that is `absent`.

    `whole` numbers have finitely many values between two bounds, levels of interest do not.
    """

    low: Number
    high: Number
    absent: bool = False
    holes: frozenset[Number] = frozenset()
    whole: bool = True

    @property
    def empty(self) -> bool:
        return not self.absent and not self._inhabited

    @property
    def _inhabited(self) -> bool:
        if not self.whole or self.high - self.low > len(self.holes):
            return self.low < self.high
        return any(value not in self.holes for value in range(int(self.low), int(self.high)))

    def meet(self, other: Region) -> Region:
        if not isinstance(other, Between):
            raise TypeError("a fact is either counted or named")
        return Between(
            max(self.low, other.low),
            min(self.high, other.high),
            self.absent and other.absent,
            self.holes | other.holes,
            self.whole,
        )

    def has(self, value: Value | float | None) -> bool:
        if value is None:
            return self.absent
        if not isinstance(value, int | float):
            return False
        return self.low <= value < self.high and value not in self.holes

    def pick(self, near: Number | None = None) -> Number | None:
        """The value that is closest to `near`, else to the inner of the bounds."""
        if not self._inhabited:
            return None
        if not self.whole:
            return self.low
        last = self.high - 1
        if near is None:
            near = (
                self.high if self.low in {0, -math.inf} and math.isfinite(self.high) else self.low
            )
        start = int(min(max(near, self.low, -(10**12)), last, 10**12))
        for step in range(len(self.holes) + 1):
            for value in (start + step, start - step):
                if self.has(value):
                    return value
        return None


Region = Among | Between
