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


JOURNEY_STAGES = ("unaware", "aware", "considering", "applying", "owning", "loyal")
"""How far a person is in a life domain."""


class Happening(StrEnum):
    """What days are counted since, the last time that it happened."""

    JOINED = "joined"
    OPENED = "opened"
    CLOSED = "closed"
    CASE_OPENED = "case_opened"
    CASE_CLOSED = "case_closed"
    CONTACT = "contact"
    """An offer was shown, in any channel."""


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
class HeldBefore(Condition):
    """Had any of `products`, and has that one no longer."""

    products: tuple[str, ...]


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
    """That the balance will be short is as `expected`. Of whom no balance is known nothing is, but
    where it is only asked whether one is `seen`: then none is.
    """

    expected: bool
    seen: bool = False


@dataclass(frozen=True, slots=True)
class ProjectedBalance(Condition):
    """The lowest balance known ahead, in minor units, is at least or below `bound`."""

    operator: Operator
    bound: int


@dataclass(frozen=True, slots=True)
class Journey(Condition):
    """The person's stage in a life domain is one of `stages`."""

    domain: str
    stages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unfinished(Condition):
    """An application for any of `products` was begun lately and left."""

    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BrokenPromise(Condition):
    """An open case of any of these kinds was promised to be settled by now."""

    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dissatisfied(Condition):
    """The last score given to us, of 0 to 100, was below `score` and no longer ago than `days`.

    False of who never said: nobody is taken to be unhappy, and no rule need ask whether we know.
    """

    score: int
    days: int


@dataclass(frozen=True, slots=True)
class DaysSince(Condition):
    """It happened, and that many days ago.

    `subject` is a product or a kind of case, empty where there is no choice. What never happened
    is False, so that `not` holds of who never had a complaint; when somebody joined may be unknown.
    """

    happening: Happening
    subject: str
    operator: Operator
    days: tuple[int, ...]
