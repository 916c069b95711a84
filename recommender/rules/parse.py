"""From YAML to conditions: every mistake found, with its path and a suggestion."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from recommender.account import Value
from recommender.rules import forms
from recommender.rules.conditions import (
    All,
    AnyOf,
    Compare,
    Condition,
    HeldBefore,
    Holds,
    InterestAtLeast,
    Not,
    Operator,
)
from recommender.rules.forms import Path
from recommender.rules.names import (
    MOST_YEARS,
    NUMBERS,
    AttributeName,
    Mistake,
    Names,
    meant,
    suggestion,
)

FORMS = (
    "all", "any", "not", "rule", "holds", "holds_in", "held_before", "interest",
    *forms.FORMS,
)  # fmt: skip
"""The names of conditions that are about no attribute."""

NO_RULES: Mapping[str, Condition | None] = MappingProxyType({})
OPERATORS = tuple(operator.value for operator in Operator)
NUMERIC = frozenset({Operator.AT_LEAST, Operator.BELOW, Operator.BETWEEN})


class ConditionMistakes(ValueError):  # a collection, not one error
    """All mistakes of one condition, with paths from its root."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        self.mistakes = mistakes
        super().__init__("; ".join(mistake.message for mistake in mistakes))


def parse_condition(
    raw: object,
    names: Names,
    levels: Mapping[str, float],
    domain_of: Mapping[str, str],
    named: Mapping[str, Condition | None] = NO_RULES,
) -> Condition:
    """The condition written as `raw`.

    `levels` gives each interest level its lower bound; `domain_of` each product its life domain;
    `named` each named rule its condition, None where that is wrong.

    Raises:
        ConditionMistakes: everything that is wrong with it, at once; nothing when all that is
            wrong is a named rule, which is told where it stands.
    """
    parser = _Parser(names, levels, domain_of, named)
    condition = parser.condition(raw, ())
    if parser.mistakes or condition is None:
        raise ConditionMistakes(tuple(parser.mistakes))
    return condition


class _Parser:
    """Walks one condition; a part that is wrong is None, and its mistake is kept."""

    def __init__(
        self,
        names: Names,
        levels: Mapping[str, float],
        domain_of: Mapping[str, str],
        named: Mapping[str, Condition | None],
    ) -> None:
        self.names = names
        self.levels = levels
        self.domain_of = domain_of
        self.named = named
        self.mistakes: list[Mistake] = []
        self.forms: dict[str, Callable[[Any, Path], Condition | None]] = {
            "all": self._all,
            "any": self._any,
            "not": self._not,
            "rule": self._rule,
            "holds": self._holds,
            "holds_in": self._holds_in,
            "held_before": self._held_before,
            "interest": self._interest,
        }

    def condition(self, raw: object, path: Path) -> Condition | None:
        if not isinstance(raw, dict) or len(raw) != 1:
            return self._refuse(
                path,
                "a condition is one key with its value",
                "e.g. `age: {at_least: 18}`; combine several with `all:` or `any:`",
            )
        ((key, value),) = raw.items()
        name, below = str(key), (*path, str(key))
        known = (*self.names.facts, *FORMS)
        if name in known or name in self.names.attributes:
            return self._about(name, value, below)
        self._wrong(below, f"unknown attribute {name!r}", suggestion(name, known))
        close = meant(name, known)
        if close is not None:  # what stands below it is checked all the same
            self._about(close, value, below)
        return None

    def _about(self, name: str, value: object, path: Path) -> Condition | None:
        """The condition on `name`, which is a form, a number or an attribute; it is at `path`."""
        form = self.forms.get(name)
        if form is not None:
            return form(value, path)
        if name in forms.FORMS:
            return forms.FORMS[name](value, path, self.names, self._wrong)
        if name in NUMBERS:
            return self._compare(name, AttributeName("integer"), value, path)
        attribute = self.names.attributes[name]
        if "policy" not in attribute.uses:
            uses = ", ".join(sorted(attribute.uses)) or "none"
            return self._refuse(
                path,
                f"attribute {name!r} may not be used by a rule (declared uses: {uses})",
                "leave it out"
                if "audit" in attribute.uses
                else "add `policy` to its uses, if the law allows it",
            )
        return self._compare(name, attribute, value, path)

    def _wrong(self, path: Path, message: str, hint: str = "") -> None:
        self.mistakes.append(Mistake(path, message, hint))

    def _refuse(self, path: Path, message: str, hint: str = "") -> Condition | None:
        """Note a mistake, and stand for the condition that could not be made."""
        self._wrong(path, message, hint)
        return None

    def _parts(self, raw: object, path: Path) -> tuple[Condition, ...] | None:
        if not isinstance(raw, list) or not raw:
            self._wrong(path, "needs a list of one or more conditions")
            return None
        parts = [self.condition(part, (*path, index)) for index, part in enumerate(raw)]
        known = tuple(part for part in parts if part is not None)
        return known if len(known) == len(parts) else None

    def _all(self, raw: object, path: Path) -> Condition | None:
        parts = self._parts(raw, path)
        return All(parts) if parts else None

    def _any(self, raw: object, path: Path) -> Condition | None:
        parts = self._parts(raw, path)
        return AnyOf(parts) if parts else None

    def _not(self, raw: object, path: Path) -> Condition | None:
        part = self.condition(raw, path)
        return None if part is None else Not(part)

    def _known(self, kind: str, name: object, known: tuple[str, ...], path: Path) -> bool:
        if isinstance(name, str) and name in known:
            return True
        self._wrong(path, f"unknown {kind} {name!r}", suggestion(str(name), known))
        return False

    def _rule(self, raw: object, path: Path) -> Condition | None:
        known = self._known("rule", raw, tuple(self.named), path)
        return self.named[str(raw)] if known else None

    def _products(self, raw: object, path: Path) -> tuple[str, ...] | None:
        products: list[Any] = raw if isinstance(raw, list) and raw else [raw]
        known = [self._known("product", item, self.names.products, path) for item in products]
        return tuple(products) if all(known) else None

    def _holds(self, raw: object, path: Path) -> Condition | None:
        products = self._products(raw, path)
        return None if products is None else Holds(products)

    def _held_before(self, raw: object, path: Path) -> Condition | None:
        products = self._products(raw, path)
        return None if products is None else HeldBefore(products)

    def _holds_in(self, raw: object, path: Path) -> Condition | None:
        if not self._known("domain", raw, self.names.domains, path):
            return None
        inside = tuple(name for name, domain in self.domain_of.items() if domain == raw)
        return Holds(inside, domain=str(raw))

    def _interest(self, raw: object, path: Path) -> Condition | None:
        if not isinstance(raw, dict) or set(raw) not in (
            {"domain", "at_least"},
            {"product", "at_least"},
        ):
            return self._refuse(
                path,
                "interest needs a domain or a product, and a level",
                "e.g. `interest: {domain: housing, at_least: high}`",
            )
        is_domain = "domain" in raw
        kind = "domain" if is_domain else "product"
        known = self.names.domains if is_domain else self.names.products
        subject_known = self._known(kind, raw[kind], known, (*path, kind))
        level = raw["at_least"]
        if not self._known("interest level", level, tuple(self.levels), (*path, "at_least")):
            return None
        if not subject_known:
            return None
        return InterestAtLeast(raw[kind], is_domain, level, self.levels[level])

    def _compare(
        self, name: str, attribute: AttributeName, raw: object, path: Path
    ) -> Condition | None:
        if not isinstance(raw, dict) or len(raw) != 1:
            return self._refuse(
                path, f"{name!r} needs one operator", f"there are: {', '.join(OPERATORS)}"
            )
        ((key, operand),) = raw.items()
        written, below = str(key), (*path, str(key))
        if written in OPERATORS:
            return self._by(Operator(written), name, attribute, operand, below)
        self._wrong(below, f"unknown operator {key!r}", suggestion(written, OPERATORS))
        close = meant(written, OPERATORS)
        if close is not None:  # as above
            self._by(Operator(close), name, attribute, operand, below)
        return None

    def _by(
        self, operator: Operator, name: str, attribute: AttributeName, operand: object, below: Path
    ) -> Condition | None:
        if (operator in NUMERIC) != (attribute.type == "integer") and operator is not Operator.IS:
            fits = "numbers" if operator in NUMERIC else "categories"
            return self._refuse(
                below, f"operator {operator.value!r} is for {fits}; {name!r} is {attribute.type}"
            )
        operands = self._operands(operator, operand, below)
        if operands is None or not self._fit(name, attribute, operands, below):
            return None
        return Compare(name, operator, operands)

    def _operands(
        self, operator: Operator, operand: object, path: Path
    ) -> tuple[Value, ...] | None:
        if operator is Operator.BETWEEN:
            if not isinstance(operand, list) or len(operand) != 2:
                self._wrong(path, "between needs two numbers", "e.g. `between: [18, 30]`")
                return None
            low, high = operand
            if _is_number(low) and _is_number(high) and low > high:
                self._wrong(path, f"the range is upside down: {low} > {high}", f"[{high}, {low}]?")
                return None
            return (low, high)
        if operator in {Operator.IN, Operator.NOT_IN}:
            if not isinstance(operand, list) or not operand:
                self._wrong(path, f"{operator.value} needs a list of values")
                return None
            return tuple(operand)
        return (operand,)  # type: ignore[return-value]  # checked against the attribute next

    def _fit(
        self, name: str, attribute: AttributeName, operands: tuple[Value, ...], path: Path
    ) -> bool:
        before = len(self.mistakes)
        for operand in operands:
            if attribute.type == "integer" and not _is_number(operand):
                self._wrong(path, f"{name!r} is a number, {operand!r} is not")
            elif name in NUMBERS and not 0 <= operand <= MOST_YEARS:  # type: ignore[operator]  # a number, as just seen
                self._wrong(path, f"{name!r} is never {operand}", f"it is 0 to {MOST_YEARS} years")
            elif attribute.type == "boolean" and not isinstance(operand, bool):
                self._wrong(path, f"{name!r} is yes or no, {operand!r} is not", "true or false")
            elif attribute.type == "category" and operand not in attribute.values:
                hint = suggestion(str(operand), attribute.values)
                self._wrong(path, f"{operand!r} is not a value of {name!r}", hint)
        return len(self.mistakes) == before


def _is_number(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)
