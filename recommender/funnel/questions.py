"""Every distinct condition of a catalogue as one bit, so that an account's answers are one integer.

Most products ask the same things (an adult? an income?), and most conditions look at a single
attribute or at the holdings. What they say of one value is asked of them once and remembered; an
account then costs one lookup for each of its values. The few others are asked every time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from recommender.catalogue import Catalogue
from recommender.rules import Compare, Condition, Facts, Holds, Predicate, compile_condition
from recommender.rules.rare import discontent, is_rare

MOST_VALUES = 10_000
"""Values of one attribute that are remembered before all of them are forgotten."""


@dataclass(frozen=True, slots=True)
class ByValue:
    """The conditions that look at one attribute, and what they said of the values seen so far."""

    name: str
    asked: tuple[tuple[int, Predicate], ...]
    known: dict[object, int] = field(default_factory=dict)

    def ask(self, value: object) -> int:
        """The bits of the conditions that are True of `value`."""
        facts = Facts(values={} if value is None else {self.name: value})
        passed = sum(bit for bit, predicate in self.asked if predicate(facts) is True)
        if len(self.known) >= MOST_VALUES:
            self.known.clear()
        self.known[value] = passed
        return passed


@dataclass(frozen=True, slots=True)
class Questions:
    """The bit of each condition, and for what may be held once the bit of not holding it."""

    bits: dict[Condition, int]
    not_held: dict[str, int]
    """By product id."""
    _free: int
    """All of `not_held`: what someone who holds nothing passes."""
    _by_value: tuple[tuple[str, dict[object, int], ByValue], ...]
    _by_holding: dict[str, int]
    _others: tuple[tuple[int, Predicate], ...]
    _rare: tuple[tuple[int, Predicate], ...]
    content_from: int
    """No rule takes who gave this score or a higher one to be dissatisfied."""
    _plain: int
    """What passes of `_rare` for everybody who has nothing rare: see `rules.rare`."""

    @classmethod
    def of(cls, catalogue: Catalogue) -> Questions:
        conditions = _distinct(catalogue)
        bits = {condition: 1 << place for place, condition in enumerate(conditions)}
        once = [name for name, product in catalogue.products.items() if not product.repeatable]
        not_held = {name: 1 << place for place, name in enumerate(once, start=len(bits))}
        return cls(
            bits=bits,
            not_held=not_held,
            _free=sum(not_held.values()),
            _by_value=_by_value(bits),
            _by_holding=_by_holding(bits),
            _others=_compiled(
                (condition, bit)
                for condition, bit in bits.items()
                if not isinstance(condition, Compare | Holds) and not is_rare(condition)
            ),
            _rare=(rare := _compiled(one for one in bits.items() if is_rare(one[0]))),
            content_from=max(map(discontent, bits), default=0),
            _plain=_passing(rare, NOBODY),
        )

    def passed(self, facts: Facts) -> int:
        """The bits of all that is True of this account. What cannot be known is not True."""
        values, not_held, by_holding = facts.values, self.not_held, self._by_holding
        passed = self._free
        for product_id in facts.holds:
            passed |= by_holding.get(product_id, 0)
            passed &= ~not_held.get(product_id, 0)
        for name, known, attribute in self._by_value:
            value = values.get(name)
            bits = known.get(value)
            passed |= attribute.ask(value) if bits is None else bits
        passed |= _passing(self._others, facts)
        plain = facts.plain(self.content_from)
        return passed | (self._plain if plain else _passing(self._rare, facts))


NOBODY = Facts()


def _compiled(conditions: Iterable[tuple[Condition, int]]) -> tuple[tuple[int, Predicate], ...]:
    return tuple((bit, compile_condition(condition)) for condition, bit in conditions)


def _passing(asked: Iterable[tuple[int, Predicate]], facts: Facts) -> int:
    passed = 0
    for bit, predicate in asked:
        if predicate(facts) is True:
            passed |= bit
    return passed


def _distinct(catalogue: Catalogue) -> dict[Condition, None]:
    """Each condition that any rule or policy states, once, in the catalogue's order."""
    rules = (
        rule
        for product in catalogue.products.values()
        for rule in (*product.eligible, *product.suitability)
    )
    return dict.fromkeys(rule.when for rule in (*rules, *catalogue.policies))


def _by_value(bits: dict[Condition, int]) -> tuple[tuple[str, dict[object, int], ByValue], ...]:
    asked: dict[str, list[tuple[int, Predicate]]] = {}
    for condition, bit in bits.items():
        if isinstance(condition, Compare):
            asked.setdefault(condition.name, []).append((bit, compile_condition(condition)))
    attributes = [ByValue(name, tuple(own)) for name, own in asked.items()]
    return tuple((attribute.name, attribute.known, attribute) for attribute in attributes)


def _by_holding(bits: dict[Condition, int]) -> dict[str, int]:
    """For each product the bits of the conditions that holding it makes True."""
    passed: dict[str, int] = {}
    for condition, bit in bits.items():
        if isinstance(condition, Holds):
            for product_id in condition.products:
                passed[product_id] = passed.get(product_id, 0) | bit
    return passed
