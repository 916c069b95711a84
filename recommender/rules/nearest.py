"""The nearest change: the least that would have to be different for a rule to let somebody pass.

Every way to meet the rule is weighed by what would have to change, and how easily that happens: a
birthday comes by itself, an income does not. What cannot happen (growing younger, never having had
something) is no way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from recommender.account import Value
from recommender.rules.conditions import Condition
from recommender.rules.demands import TRUE, Universe, demand
from recommender.rules.facts import Facts
from recommender.rules.names import NUMBERS
from recommender.rules.possible import TooTangled, ways
from recommender.rules.regions import Between, Region, Subject
from recommender.rules.samples import READ, Sample

MOST_WAYS = 200
"""Looked at of one rule. Real ones have a handful."""

ONCE_MISSING: Mapping[str, Any] = {
    "holds": False,
    "held_before": False,
    "open_case": False,
    "unfinished": False,
    "broken_promise": False,
    "interest": 0.0,
    "views": 0.0,
}
"""What is the case where facts say nothing; of all others nothing is known then."""


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that would have to be in `region`; it is `found` now, None when unknown or never."""

    subject: Subject
    region: Region
    found: Value | float | None

    @property
    def to(self) -> Value | float | None:
        """The nearest value that would do."""
        if isinstance(self.region, Between):
            found = self.found
            near = found if isinstance(found, int | float) else None
            return self.region.pick(near)
        return self.region.pick() if self.region.values else None


def nearest(condition: Condition, facts: Facts, universe: Universe) -> tuple[Change, ...] | None:
    """The changes with which `condition` is True, the easiest there are; None for no way at all."""
    best: tuple[Change, ...] | None = None
    least = math.inf
    try:
        for regions in islice(ways([demand(condition, TRUE, universe)]), MOST_WAYS):
            changes = _changes(regions, facts)
            effort = sum(map(_effort, changes))
            if effort < least:
                best, least = changes, effort
    except TooTangled:
        pass  # the best so far is still one
    return best


def _changes(regions: Mapping[Subject, Region], facts: Facts) -> tuple[Change, ...]:
    changes = []
    for subject, region in regions.items():
        found = READ[subject.kind](facts, subject)
        if found is None:
            found = ONCE_MISSING.get(subject.kind)
        if not region.has(found):
            changes.append(Change(subject, region, found))
    return tuple(changes)


def applied(changes: tuple[Change, ...], sample: Sample) -> Sample:
    """The sample as it would be."""
    changed = dict(sample)
    for change in changes:
        to = change.to
        if to is None or (to is False and change.subject.kind in ONCE_MISSING):
            changed.pop(change.subject, None)
        else:
            changed[change.subject] = to
    return changed


BY_ITSELF, BY_US, BY_ACTING, BY_LIVING = 1, 2, 4, 8
"""How a change comes about, from the easiest: time, a case we close, something done, a life."""


EFFORT: Mapping[str, tuple[float, float]] = {
    "value": (BY_LIVING, BY_LIVING),
    "holds": (BY_ACTING, BY_LIVING + 1),
    "interest": (BY_ACTING, BY_ACTING),
    "views": (BY_ACTING, BY_ACTING),
    "journey": (BY_ACTING, BY_ACTING),
    "projected_shortfall": (BY_US, BY_US),
    "projected_balance": (BY_US, BY_US),
    "unfinished": (BY_ACTING, BY_ACTING),
    "opinion_score": (3 * BY_LIVING, BY_LIVING),
    "broken_promise": (3 * BY_LIVING, BY_US),
    # Nobody should complain, or end something, to be offered more; and the past stays as it is.
    "open_case": (3 * BY_LIVING, BY_US),
    "held_before": (3 * BY_LIVING, math.inf),
}
"""By kind of fact: for it to become so, and for what is so to be so no more."""


def _effort(change: Change) -> float:
    kind, name, _ = change.subject
    if kind in {"days_since", "opinion_days"} or (kind == "value" and name in NUMBERS):
        if change.found is None:
            return BY_LIVING
        return BY_ITSELF if _later(change) else math.inf
    return EFFORT[kind][change.found not in {None, False}]


def _later(change: Change) -> bool:
    """Whether time alone brings it about."""
    to, found = change.to, change.found
    return isinstance(to, int | float) and isinstance(found, int | float) and to > found
