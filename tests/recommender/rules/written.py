"""Conditions as people write them, and situations to ask them of: both generated."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from recommender.rules import Facts
from recommender.rules.conditions import JOURNEY_STAGES, Happening
from tests.recommender.bank import bank

ATTRIBUTES = {
    name: attribute for name, attribute in bank().attributes.items() if "policy" in attribute.uses
}
CATEGORIES = {
    name: attribute.values for name, attribute in ATTRIBUTES.items() if attribute.type == "category"
}
NUMBERS = ("age", "tenure_years", "children")
PRODUCTS = tuple(bank().products)
DOMAINS = tuple(bank().domains)
LEVELS = tuple(bank().interest.levels)


def one_key(key: str, value: Any) -> dict[str, Any]:
    return {key: value}


def of_category(name: str) -> st.SearchStrategy[dict[str, Any]]:
    value = st.sampled_from(CATEGORIES[name])
    values = st.lists(value, min_size=1, unique=True)
    operand = st.one_of(
        st.builds(one_key, st.just("is"), value),
        st.builds(one_key, st.sampled_from(["in", "not_in"]), values),
    )
    return st.builds(one_key, st.just(name), operand)


numbers = st.integers(0, 90)
of_number = st.builds(
    one_key,
    st.sampled_from(NUMBERS),
    st.one_of(
        st.builds(one_key, st.sampled_from(["at_least", "below", "is"]), numbers),
        st.builds(one_key, st.just("between"), st.tuples(numbers, numbers).map(sorted)),
    ),
)
CASES = ("complaint", "application", "order")
happened = st.one_of(
    st.builds(one_key, st.sampled_from(["opened", "closed"]), st.sampled_from(PRODUCTS[:3])),
    st.builds(one_key, st.sampled_from(["case_opened", "case_closed"]), st.sampled_from(CASES)),
    st.builds(one_key, st.sampled_from(["joined", "contact"]), st.just(True)),
)


def happening(written: dict[str, Any]) -> tuple[Happening, str]:
    """`{opened: savings_account}` as facts have it."""
    ((name, subject),) = written.items()
    return Happening(name), "" if subject is True else subject


leaves = st.one_of(
    st.sampled_from(sorted(CATEGORIES)).flatmap(of_category),
    of_number,
    st.booleans().map(lambda value: {"has_car": {"is": value}}),
    st.sampled_from(PRODUCTS).map(lambda product: {"holds": product}),
    st.lists(st.sampled_from(PRODUCTS), min_size=1, max_size=3).map(
        lambda any_of: {"holds": any_of}
    ),
    st.sampled_from(DOMAINS).map(lambda domain: {"holds_in": domain}),
    st.builds(
        lambda domain, level: {"interest": {"domain": domain, "at_least": level}},
        st.sampled_from(DOMAINS),
        st.sampled_from(LEVELS),
    ),
    st.builds(
        lambda product, level: {"interest": {"product": product, "at_least": level}},
        st.sampled_from(PRODUCTS),
        st.sampled_from(LEVELS),
    ),
    st.sampled_from(CASES).map(lambda kind: {"open_case": kind}),
    st.sampled_from([True, False, "seen"]).map(lambda value: {"projected_shortfall": value}),
    st.lists(st.sampled_from(PRODUCTS), min_size=1, max_size=2).map(
        lambda any_of: {"held_before": any_of}
    ),
    st.builds(
        lambda domain, stages: {"journey": {"domain": domain, "stage": stages}},
        st.sampled_from(DOMAINS),
        st.lists(st.sampled_from(JOURNEY_STAGES), min_size=1, unique=True),
    ),
    st.builds(
        lambda bound, amount: {"projected_balance": {bound: amount}},
        st.sampled_from(["at_least", "below"]),
        st.integers(-100, 100),
    ),
    st.lists(st.sampled_from(PRODUCTS), min_size=1, max_size=2).map(
        lambda any_of: {"unfinished": any_of}
    ),
    st.lists(st.sampled_from(CASES), min_size=1, max_size=2, unique=True).map(
        lambda any_of: {"broken_promise": any_of}
    ),
    st.builds(
        lambda score, days: {"dissatisfied": {"below": score, "days": days}},
        st.integers(1, 100),
        st.integers(0, 90),
    ),
    st.builds(
        lambda happened, days: {"days_since": {**happened, **days}},
        happened,
        st.one_of(
            st.builds(one_key, st.sampled_from(["at_least", "below"]), numbers),
            st.builds(one_key, st.just("between"), st.tuples(numbers, numbers).map(sorted)),
        ),
    ),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(
            one_key, st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)
        ),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)

values = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.sampled_from(choices) for name, choices in CATEGORIES.items()},
        **dict.fromkeys(NUMBERS, numbers),
        "has_car": st.booleans(),
    },
)
situations = st.builds(
    Facts,
    values=values,
    holds=st.frozensets(st.sampled_from(PRODUCTS), max_size=4),
    domain_interest=st.dictionaries(st.sampled_from(DOMAINS), st.floats(0, 9), max_size=4),
    product_interest=st.dictionaries(st.sampled_from(PRODUCTS), st.floats(0, 9), max_size=4),
    open_cases=st.frozensets(st.sampled_from(["complaint", "order"])),
    projected_shortfall=st.none() | st.booleans(),
    journey=st.dictionaries(st.sampled_from(DOMAINS), st.sampled_from(JOURNEY_STAGES), max_size=4),
    held_before=st.frozensets(st.sampled_from(PRODUCTS), max_size=4),
    unfinished=st.frozensets(st.sampled_from(PRODUCTS), max_size=4),
    broken_promises=st.frozensets(st.sampled_from(CASES)),
    opinion=st.none() | st.tuples(st.integers(0, 100), st.integers(0, 100)),
    lowest_balance_minor=st.none() | st.integers(-200, 200),
    days=st.dictionaries(
        happened.map(happening),
        st.integers(0, 100),
        max_size=6,
    ),
)
