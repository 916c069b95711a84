"""A catalogue on a day: rules, policies and levers have a first and a last day.

A decision is made with what is in force on its day. What that is changes at midnight UTC on a few
days only, so whoever decides keeps a catalogue for each stretch of days between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TypeVar

from recommender.catalogue.rule import AppliesTo, Dated, Policy, Rule
from recommender.catalogue.schema import Catalogue
from recommender.rules.conditions import AnyOf

SomeRule = TypeVar("SomeRule", bound=Rule)

NOBODY = AnyOf(())
"""True of nobody."""

CLOSED = Policy.model_construct(  # its name is one that nobody may give a rule
    id="policy_set_ended", stage="eligible", applies_to=AppliesTo(everything=True), when=NOBODY
)
"""Outside the policy set's term nothing is offered: what must be asked first is not known."""


def turning_days(catalogue: Catalogue) -> tuple[date, ...]:
    """The days, ascending, on which something begins to be in force or is so no more."""
    levers = (*catalogue.levers.product.values(), *catalogue.levers.domain.values())
    first = {one.valid_from for one in _dated(catalogue)}
    last = {one.valid_to for one in _dated(catalogue)} | {lever.until for lever in levers}
    ends = {day + timedelta(1) for day in last if day is not None and day < date.max}
    return tuple(sorted(ends | {day for day in first if day is not None}))


def on_day(catalogue: Catalogue, day: date) -> Catalogue:
    """The catalogue with only what is in force on `day`."""
    policies = _in_force(catalogue.policies, day)
    if not catalogue.policy_set.in_force(day):
        policies = (CLOSED, *policies)
    products = {
        name: product.model_copy(
            update={
                "eligible": _in_force(product.eligible, day),
                "suitable": _in_force(product.suitable, day),
            }
        )
        for name, product in catalogue.products.items()
    }
    levers = catalogue.levers.on(day)
    return catalogue.model_copy(
        update={"policies": policies, "products": products, "levers": levers}
    )


def _in_force(rules: Iterable[SomeRule], day: date) -> tuple[SomeRule, ...]:
    return tuple(rule for rule in rules if rule.in_force(day))


def _dated(catalogue: Catalogue) -> Iterator[Dated]:
    yield catalogue.policy_set
    yield from catalogue.policies
    for product in catalogue.products.values():
        yield from (*product.eligible, *product.suitable)
