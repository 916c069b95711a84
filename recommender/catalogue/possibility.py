"""Products that nobody can ever have, as the rules that they must pass contradict each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recommender.catalogue.products import Product
from recommender.catalogue.schema import Catalogue
from recommender.catalogue.source import Path
from recommender.rules.conditions import Condition, Holds, Not
from recommender.rules.demands import TRUE, Demand, demand
from recommender.rules.names import Mistake
from recommender.rules.possible import TooTangled, possible


@dataclass(frozen=True)
class Hurdle:
    """One condition that whoever gets a product has passed: its rule, and where that stands."""

    rule: str
    path: Path
    when: Condition
    dated: bool = False


def hurdles(product_id: str, product: Product, catalogue: Catalogue) -> Iterator[Hurdle]:
    """All that a product's offers have to pass, in the order of the catalogue."""
    for stage in ("eligible", "suitable"):
        for index, rule in enumerate(getattr(product, stage)):
            path: Path = ("products", product_id, stage, index)
            yield Hurdle(f"{product_id}.{rule.id}", path, rule.when, rule.dated)
    if not product.repeatable:
        path = ("products", product_id)
        yield Hurdle(f"{product_id}.already_held", path, Not(Holds((product_id,))))
    for index, policy in enumerate(catalogue.policies):
        if policy.covers(product_id, product.domain, product.type):
            yield Hurdle(f"policy.{policy.id}", ("policies", index), policy.when, policy.dated)


def nobody_ever(catalogue: Catalogue) -> Iterator[Mistake]:
    """Products that nobody can have, with the fewest rules that make it so; told once for each such
    set of rules.

    Rules with a term do not count: what they forbid comes back when they end.
    """
    impossible: dict[tuple[Hurdle, ...], list[str]] = {}
    for product_id, product in catalogue.products.items():
        always = [one for one in hurdles(product_id, product, catalogue) if not one.dated]
        demands = {one.rule: demand(one.when, TRUE, catalogue.universe) for one in always}
        if not _can(list(demands.values())):
            impossible.setdefault(tuple(_core(always, demands)), []).append(product_id)
    for core, (first, *others) in impossible.items():
        named = " and ".join(one.rule for one in core)
        contradict = "contradict each other" if len(core) > 1 else "contradicts itself"
        noun = "product" if len(others) == 1 else "products"
        more = f" nor {len(others)} other {noun}" if others else ""
        message = f"nobody can ever get {first!r}{more}: {named} {contradict}"
        yield Mistake(core[-1].path, message, "change one of them, or leave it out")


def _core(always: Sequence[Hurdle], demands: dict[str, Demand]) -> list[Hurdle]:
    """As few of the hurdles as contradict each other already."""
    core = list(always)
    for one in always:
        fewer = [other for other in core if other is not one]
        if fewer and not _can([demands[other.rule] for other in fewer]):
            core = fewer
    return core


def _can(demands: list[Demand]) -> bool:
    """Whether anybody can pass all; also when that takes too long to find out."""
    try:
        return possible(demands) is not None
    except TooTangled:
        return True
