"""All that a catalogue asks of an account as bits, so that its answers are one integer.

Most products ask the same things (an adult? an income?), most conditions look at a single fact, and
many are made of others. So each is taken apart into leaves, and what leaves say of one value is
remembered: an account costs a lookup for each of its values. The few that look at more are asked
every time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import getitem, or_

from recommender.funnel.answers import (
    Asked,
    ByHolding,
    ByInterest,
    ByStage,
    ByValue,
    by_value,
    compiled,
    passing,
)
from recommender.funnel.leaves import Compound, Leaves
from recommender.rules import Condition, Facts
from recommender.rules.conditions import Compare, Holds, InterestAtLeast, Journey, Not
from recommender.rules.rare import NOBODY, RARE, discontent

BY_FACT = (Compare, Holds, InterestAtLeast, Journey)
"""What is remembered by the one fact that it looks at."""


@dataclass(frozen=True, slots=True)
class Questions:
    """The bits of each condition, and for what may be held once the bit of not holding it.

    A condition is True where all of its bits are set. What cannot be known is not True.
    """

    bits: Mapping[Condition, int]
    not_held: Mapping[str, int]
    """By product id."""
    content_from: int
    """Nobody who gave this score or a higher one is taken to be dissatisfied."""
    _names: tuple[str, ...]
    _by_value: tuple[ByValue, ...]
    """In the order of `_names`."""
    _by_holding: ByHolding
    _by_domain: ByInterest
    _by_product: ByInterest
    _by_stage: tuple[ByStage, ...]
    _others: Asked
    _rare: Asked
    _plain: int
    """What is True of `_rare` for everybody who has nothing rare: see `rules.rare`."""
    _compounds: tuple[Compound, ...]

    @classmethod
    def of(cls, conditions: Iterable[Condition], once: Iterable[str]) -> Questions:
        """What `conditions` ask; and whether the products `once` are held already."""
        apart = Leaves()
        bits = {condition: apart.required(condition) for condition in conditions}
        not_held = {product_id: apart.required(Not(Holds((product_id,)))) for product_id in once}
        leaves = apart.leaves
        values = by_value(leaves)
        others = [leaf for leaf in leaves if not isinstance(leaf.inner, BY_FACT)]
        rare = compiled(leaf for leaf in others if isinstance(leaf.inner, RARE))
        return cls(
            bits=bits,
            not_held=not_held,
            content_from=max((discontent(leaf.inner) for leaf in leaves), default=0),
            _names=tuple(values),
            _by_value=tuple(values.values()),
            _by_holding=ByHolding.of(leaves),
            _by_domain=ByInterest.of(leaves, domains=True),
            _by_product=ByInterest.of(leaves, domains=False),
            _by_stage=ByStage.each(leaves),
            _others=compiled(leaf for leaf in others if not isinstance(leaf.inner, RARE)),
            _rare=rare,
            _plain=passing(rare, NOBODY),
            _compounds=tuple(apart.compounds),
        )

    def passed(self, facts: Facts) -> int:
        """The bits of all that is True of this account."""
        values = map(facts.values.get, self._names)
        passed = reduce(or_, map(getitem, self._by_value, values), 0)
        passed |= self._by_holding.answer(facts.holds) | passing(self._others, facts)
        if facts.profiled:
            passed |= self._by_domain.answer(facts.domain_interest)
            passed |= self._by_product.answer(facts.product_interest)
        for stages in self._by_stage:
            passed |= stages.answers[facts.stage(stages.domain)]
        plain = facts.plain(self.content_from)
        passed |= self._plain if plain else passing(self._rare, facts)
        for bit, parts, every in self._compounds:
            found = passed & parts
            if found == parts if every else found:
                passed |= bit
        return passed
