"""How the policies fared in one world, week by week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True)
class Worth:
    """Means per offer shown: acceptance alone, and times the catalogue's value."""

    acceptance: float
    value: float


@dataclass(frozen=True)
class Course:
    """The worth of each policy on the panel after each week; of random and oracle, once."""

    policies: dict[str, list[Worth]]
    live: dict[str, list[Worth]]
    """What was shown in each week was worth, exploration included."""
    random: Worth
    oracle: Worth

    def values(self, policy: str) -> list[float]:
        """Value per offer, before the first week and after each."""
        return [one.value for one in self.policies[policy]]

    def regret(self, policy: str) -> list[float]:
        """What knowing the truth would be worth more, per offer."""
        return [self.oracle.value - value for value in self.values(policy)]

    def rises(self, policy: str) -> int:
        """In how many weeks the policy became better."""
        return sum(later > before for before, later in pairwise(self.values(policy)))


def mean_values(courses: Sequence[Course], policy: str) -> list[float]:
    """Value per offer by week, as the mean over the worlds."""
    means: list[float] = np.mean([course.values(policy) for course in courses], axis=0).tolist()
    return means
