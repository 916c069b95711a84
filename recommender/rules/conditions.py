"""Conditions: what a rule asks of an account, as data.

Three-valued: True, False, or None when the answer is not known. A rule passes only on True.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from recommender.account import Value


class Operator(StrEnum):
    IS = "is"
    IN = "in"
    NOT_IN = "not_in"
    AT_LEAST = "at_least"
    BELOW = "below"
    BETWEEN = "between"


class Condition:
    """The base of all conditions; frozen, comparable, made by `parse_condition`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class All(Condition):
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf(Condition):
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not(Condition):
    part: Condition


@dataclass(frozen=True, slots=True)
class Compare(Condition):
    """An attribute, `age` or `tenure_years` against values.

    `operands` holds one value, both inclusive ends (between), or the members of a set.
    """

    name: str
    operator: Operator
    operands: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Holds(Condition):
    """Holds any of `products`; `domain` when the catalogue named a life domain instead."""

    products: tuple[str, ...]
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class InterestAtLeast(Condition):
    """Decayed interest in `subject` (a domain or a product) of at least the level's `bound`."""

    subject: str
    is_domain: bool
    level: str
    bound: float


@dataclass(frozen=True, slots=True)
class OpenCase(Condition):
    kind: str


@dataclass(frozen=True, slots=True)
class ProjectedShortfall(Condition):
    expected: bool
