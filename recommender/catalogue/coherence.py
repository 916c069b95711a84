"""Mistakes between parts of the catalogue that are fine each on their own.

These look at the raw mapping, so that they are found along with all others; what is malformed in
itself is passed over here, since the schema reports it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from recommender.catalogue.base import CHANNELS, LEAST_LEVER, MOST_LEVER
from recommender.catalogue.schema import InterestDecay, Placement
from recommender.catalogue.source import Path
from recommender.catalogue.sources import RULES
from recommender.rules.named import cycles, oversized
from recommender.rules.names import Mistake, mapping_in, strings_in, suggestion

SLACK = 1e-9
"""2.5 x 0.04 is not quite 0.1 to a computer."""


def incoherences(raw: Mapping[str, Any]) -> Iterator[Mistake]:
    """What does not fit together in a whole catalogue."""
    yield from _policies_alike(raw)
    yield from _never_explored(raw)
    yield from _strange_levels(raw)
    named = conditions_in(raw)
    for mistake in (*cycles(named), *oversized(named)):
        yield replace(mistake, path=(RULES, *mistake.path))
    for product_id, product in mapping_in(raw, "products").items():
        yield from _products_nobody_can_get(product_id, product)
    actions = mapping_in(raw, "actions")
    yield from _levers_together(raw)
    yield from _called_alike(actions, mapping_in(raw, "products"))
    for name, placement in mapping_in(raw, "placements").items():
        yield from _empty_slots(("placements", name), placement, actions)


def conditions_in(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Each named rule's condition as it is written."""
    rules = mapping_in(raw, RULES).items()
    return {name: rule.get("when") if isinstance(rule, dict) else None for name, rule in rules}


def _policies_alike(raw: Mapping[str, Any]) -> Iterator[Mistake]:
    policies = raw.get("policies")
    seen: set[str] = set()
    for index, policy in enumerate(policies if isinstance(policies, list) else ()):
        name = policy.get("id") if isinstance(policy, dict) else None
        if isinstance(name, str):
            if name in seen:
                path = ("policies", index, "id")
                yield Mistake(path, f"two policies are called {name!r}", "rename one of them")
            seen.add(name)


def _levers_together(raw: Mapping[str, Any]) -> Iterator[Mistake]:
    """A product's lever and its domain's multiply, so each may be within bounds and both not."""
    levers, products = mapping_in(raw, "levers"), mapping_in(raw, "products")
    domains = mapping_in(levers, "domain")
    for name, own in mapping_in(levers, "product").items():
        domain = mapping_in(products, name).get("domain")
        one, other = _factor(own), _factor(domains.get(str(domain)))
        if one is None or other is None:
            continue
        if not LEAST_LEVER - SLACK <= one * other <= MOST_LEVER + SLACK:
            yield Mistake(
                ("levers", "product", name, "factor"),
                f"{one:g}, and {other:g} for its domain {domain!r}, come to {one * other:g}",
                f"together they may come to {LEAST_LEVER:g} to {MOST_LEVER:g}; lower one, or leave "
                "out one that has ended",
            )


def _factor(lever: Any) -> float | None:
    """That of a lever within bounds; the schema reports any other."""
    factor = lever.get("factor") if isinstance(lever, dict) else None
    if isinstance(factor, bool) or not isinstance(factor, int | float):
        return None
    return factor if LEAST_LEVER <= factor <= MOST_LEVER else None


def _called_alike(actions: Mapping[str, Any], products: Mapping[str, Any]) -> Iterator[Mistake]:
    """Contacts, wishes and levers know a product and an action by the same kind of name."""
    for name in actions:
        if name in products:
            message = f"{name!r} is a product, too: contacts, wishes and levers would mix the two"
            yield Mistake(("actions", name), message, "give the action another name")


def _products_nobody_can_get(product_id: str, product: Any) -> Iterator[Mistake]:
    """A product that only its holders may have, and that nobody may have twice."""
    if not isinstance(product, dict) or product.get("repeatable") is True:
        return
    for stage in ("eligible", "suitable"):
        rules = product.get(stage)
        for index, rule in enumerate(rules if isinstance(rules, list) else ()):
            if isinstance(rule, dict) and _needs(rule.get("when"), product_id):
                yield Mistake(
                    ("products", product_id, stage, index, "when"),
                    f"only who holds {product_id!r} may have it, so nobody ever will",
                    "add `repeatable: true`, or ask for another product",
                )


def _strange_levels(raw: Mapping[str, Any]) -> Iterator[Mistake]:
    """Stages of a journey begin at levels of interest."""
    levels = tuple(mapping_in(mapping_in(raw, "interest"), "levels")) or tuple(
        InterestDecay().levels
    )
    journey = mapping_in(raw, "journey")
    for name in ("aware", "considering"):
        level = journey.get(name)
        if isinstance(level, str) and level not in levels:
            message = f"unknown interest level {level!r}"
            yield Mistake(("journey", name), message, suggestion(level, levels))


def _never_explored(raw: Mapping[str, Any]) -> Iterator[Mistake]:
    """A temperature for products that are all regulated credit would do nothing."""
    products = [one for one in mapping_in(raw, "products").values() if isinstance(one, dict)]
    for product_type in mapping_in(mapping_in(raw, "exploration"), "temperature"):
        alike = [one for one in products if one.get("type") == product_type]
        if alike and all(one.get("regulated_credit") is True for one in alike):
            yield Mistake(
                ("exploration", "temperature", product_type),
                f"every {product_type!r} product is regulated credit, which is never explored",
                "leave it out",
            )


def _needs(condition: Any, product_id: str) -> bool:
    if not isinstance(condition, dict):
        return False
    if condition.get("holds") in (product_id, [product_id]):
        return True
    parts = condition.get("all")
    return isinstance(parts, list) and any(_needs(part, product_id) for part in parts)


def _empty_slots(path: Path, placement: Any, actions: Mapping[str, Any]) -> Iterator[Mistake]:
    """A fallback is for when nothing else is left, so it has to be possible always and fill all."""
    if not isinstance(placement, dict):
        return
    fallback = strings_in(placement, "fallback")
    for index, name in enumerate(fallback):
        action = actions.get(name)
        below: Path = (*path, "fallback", index)
        if name in fallback[:index]:
            yield Mistake(below, f"{name!r} stands twice", "name another action")
        if isinstance(action, dict):
            yield from _not_always(below, name, action, placement)
    slots = placement.get("slots", Placement.model_fields["slots"].default)
    if fallback and isinstance(slots, int) and len(set(fallback)) < slots:
        yield Mistake(
            (*path, "fallback"),
            f"{slots} slots and {len(set(fallback))} to fall back on: some could stay empty",
            "name as many actions as there are slots",
        )


def _not_always(
    path: Path, name: str, action: Mapping[str, Any], placement: Mapping[str, Any]
) -> Iterator[Mistake]:
    for key in ("when", "stages"):
        if action.get(key) is not None:
            yield Mistake(
                path,
                f"{name!r} has a `{key}`, so it is not always possible",
                "fall back on an action without one",
            )
    if action.get("purpose") == "marketing":
        yield Mistake(
            path,
            f"{name!r} is marketing, which needs consent, so it is not always possible",
            "fall back on an action for service",
        )
    there = strings_in(action, "channels") or CHANNELS
    here = strings_in(placement, "channels") or CHANNELS
    absent = [channel for channel in here if channel not in there]
    if absent:
        yield Mistake(path, f"{name!r} is not for channel {absent[0]!r}", "add it to its channels")
