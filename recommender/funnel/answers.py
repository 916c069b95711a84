"""What the leaves that look at one fact say of it, worked out once and remembered.

Each answer is the bits of the leaves that are True: see `recommender.funnel.leaves`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from recommender.funnel.leaves import Leaf
from recommender.rules import Facts, Predicate, compile_condition
from recommender.rules.conditions import (
    JOURNEY_STAGES,
    Compare,
    Holds,
    InterestAtLeast,
    Journey,
)

Asked = tuple[tuple[int, Predicate], ...]

MOST_VALUES = 10_000
"""Values of one attribute that are remembered before all of them are forgotten."""


def compiled(leaves: Iterable[Leaf]) -> Asked:
    return tuple((leaf.bit, compile_condition(leaf.condition)) for leaf in leaves)


def passing(asked: Asked, facts: Facts) -> int:
    """The bits of those that are True of `facts`."""
    passed = 0
    for bit, predicate in asked:
        if predicate(facts) is True:
            passed |= bit
    return passed


class ByValue(dict[object, int]):
    """The leaves that look at one attribute: by its value, None where that is not known."""

    def __init__(self, name: str, leaves: Iterable[Leaf]) -> None:
        super().__init__()
        self._name, self._asked = name, compiled(leaves)

    def __missing__(self, value: object) -> int:
        facts = Facts(values={} if value is None else {self._name: value})
        if len(self) >= MOST_VALUES:
            self.clear()
        return self.setdefault(value, passing(self._asked, facts))


def by_value(leaves: Iterable[Leaf]) -> dict[str, ByValue]:
    """By name of the attribute. What looks at something else is left out."""
    own: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        if isinstance(leaf.inner, Compare):
            own.setdefault(leaf.inner.name, []).append(leaf)
    return {name: ByValue(name, some) for name, some in own.items()}


@dataclass(frozen=True, slots=True)
class ByStage:
    """The leaves that look at how far somebody is in one life domain."""

    domain: str
    answers: Mapping[str | None, int]
    """By stage."""

    @classmethod
    def each(cls, leaves: Iterable[Leaf]) -> tuple[ByStage, ...]:
        """One for each domain that is looked at. What looks at something else is left out."""
        own: dict[str, list[Leaf]] = {}
        for leaf in leaves:
            if isinstance(leaf.inner, Journey):
                own.setdefault(leaf.inner.domain, []).append(leaf)
        return tuple(cls(domain, _by_stage(domain, some)) for domain, some in own.items())


def _by_stage(domain: str, leaves: Iterable[Leaf]) -> dict[str | None, int]:
    asked = compiled(leaves)
    answers: dict[str | None, int] = {None: passing(asked, Facts())}
    for stage in JOURNEY_STAGES:
        answers[stage] = passing(asked, Facts(journey={domain: stage}))
    return answers


@dataclass(frozen=True, slots=True)
class ByHolding:
    """The leaves that look at what is held: which holding a product makes True, and which False."""

    _of_nothing: int
    """What is True of who holds nothing."""
    _gained: Mapping[str, int]
    _lost: Mapping[str, int]

    @classmethod
    def of(cls, leaves: Iterable[Leaf]) -> ByHolding:
        """What looks at something else is left out."""
        gained: dict[str, int] = {}
        lost: dict[str, int] = {}
        of_nothing = 0
        for leaf in leaves:
            if isinstance(leaf.inner, Holds):
                of_nothing |= leaf.bit if leaf.denied else 0
                changed = lost if leaf.denied else gained
                for product_id in leaf.inner.products:
                    changed[product_id] = changed.get(product_id, 0) | leaf.bit
        return cls(of_nothing, gained, lost)

    def answer(self, held: AbstractSet[str]) -> int:
        gained, lost = 0, 0
        for product_id in held:
            gained |= self._gained.get(product_id, 0)
            lost |= self._lost.get(product_id, 0)
        return gained | (self._of_nothing & ~lost)


@dataclass(frozen=True, slots=True)
class ByInterest:
    """The leaves that look at interest in one sort of subject: life domains, or products.

    Between two bounds of interest in a subject the answer is the same. It is kept as the bits that
    differ from those of no interest, which is the interest that most people have in most things.
    """

    _of_none: int
    _changed: Mapping[str, tuple[tuple[float, ...], tuple[int, ...]]]
    """By subject: the bounds, and the bits that differ below, between and above them."""

    @classmethod
    def of(cls, leaves: Iterable[Leaf], *, domains: bool) -> ByInterest:
        """What looks at something else is left out."""
        by_subject: dict[str, list[tuple[float, Leaf]]] = {}
        for leaf in leaves:
            inner = leaf.inner
            if isinstance(inner, InterestAtLeast) and inner.is_domain is domains:
                by_subject.setdefault(inner.subject, []).append((inner.bound, leaf))
        of_none = 0
        changed = {}
        for subject, own in by_subject.items():
            bounds = tuple(sorted({bound for bound, _ in own}))
            answers = [_interested(own, level) for level in (-1.0, *bounds)]
            of_none |= _interested(own, 0.0)
            changed[subject] = (bounds, tuple(_interested(own, 0.0) ^ one for one in answers))
        return cls(of_none, changed)

    def answer(self, levels: Mapping[str, float]) -> int:
        answer = self._of_none
        for subject, level in levels.items():
            found = self._changed.get(subject)
            if found is not None:
                bounds, changed = found
                answer ^= changed[bisect_right(bounds, level)]
        return answer


def _interested(asked: list[tuple[float, Leaf]], level: float) -> int:
    return sum(leaf.bit for bound, leaf in asked if (level >= bound) is not leaf.denied)
