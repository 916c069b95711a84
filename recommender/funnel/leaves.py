"""Conditions taken apart into leaves, each of them a bit, and what is made of those."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import NamedTuple

from recommender.rules import Condition
from recommender.rules.conditions import All, AnyOf, Not
from recommender.rules.normal_form import normal_form


class Leaf(NamedTuple):
    """A condition that is made of no others, and its bit; `denied`: it is one inside a `not`.

    The `not` is part of the leaf, because in three values it cannot be told from the bit of what is
    inside: neither is set of what is not known.
    """

    condition: Condition
    bit: int
    inner: Condition
    denied: bool


class Compound(NamedTuple):
    """A bit that is set where all bits of `parts` are; or, unless `every`, where any of them is."""

    bit: int
    parts: int
    every: bool


@dataclass(slots=True)
class Leaves:
    """Grows by every condition that is asked for. Equal leaves are one."""

    leaves: list[Leaf] = field(default_factory=list)
    compounds: list[Compound] = field(default_factory=list)
    """Each after those that it is made of."""
    _bits: dict[Condition, int] = field(default_factory=dict)

    def required(self, condition: Condition) -> int:
        """The bits that are all set where `condition` is True, and only there."""
        form = normal_form(condition)
        return self._all_bits(form.parts) if isinstance(form, All) else self._bit(form)

    def _all_bits(self, parts: tuple[Condition, ...]) -> int:
        return reduce(or_, map(self._bit, parts), 0)

    def _bit(self, form: Condition) -> int:
        known = self._bits.get(form)
        if known is not None:
            return known
        parts = self._all_bits(form.parts) if isinstance(form, All | AnyOf) else 0
        bit = self._bits[form] = 1 << len(self._bits)
        if isinstance(form, All | AnyOf):
            self.compounds.append(Compound(bit, parts, isinstance(form, All)))
        else:
            inner = form.part if isinstance(form, Not) else form
            self.leaves.append(Leaf(form, bit, inner, denied=isinstance(form, Not)))
        return bit
