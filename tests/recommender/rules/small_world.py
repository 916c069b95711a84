"""A world so small that everybody in it can be looked at, and conditions about it."""

from __future__ import annotations

from itertools import product

from hypothesis import strategies as st

from recommender.rules import Facts
from recommender.rules.conditions import Happening
from tests.recommender.rules.written import one_key

AGES, JOBS = (None, 17, 18, 30), (None, "student", "employed")
HOLDS = (frozenset[str](), frozenset({"savings_account"}), frozenset({"mortgage"}))
DAYS: tuple[dict[tuple[Happening, str], int], ...] = (
    {},
    *({(Happening.CASE_CLOSED, "complaint"): days} for days in (0, 1, 2)),
)
EVERYBODY = [
    Facts(
        values={k: v for k, v in (("age", age), ("occupation", job)) if v is not None},
        holds=holds,
        projected_shortfall=short,
        days=days,
    )
    for age, job, holds, short, days in product(AGES, JOBS, HOLDS, (None, True, False), DAYS)
]
small_leaves = st.one_of(
    st.builds(
        lambda operator, bound: {"age": {operator: bound}},
        st.sampled_from(["at_least", "below"]),
        st.sampled_from([18, 30]),
    ),
    st.just({"age": {"between": [18, 29]}}),
    st.builds(
        lambda operator, jobs: {"occupation": {operator: jobs}},
        st.sampled_from(["in", "not_in"]),
        st.lists(st.sampled_from(["student", "employed"]), min_size=1, unique=True),
    ),
    st.sampled_from(["savings_account", "mortgage"]).map(lambda name: {"holds": name}),
    st.sampled_from([True, False, "seen"]).map(lambda short: {"projected_shortfall": short}),
    st.builds(
        lambda operator, bound: {"days_since": {"case_closed": "complaint", operator: bound}},
        st.sampled_from(["at_least", "below"]),
        st.sampled_from([1, 2]),
    ),
)
small = st.recursive(
    small_leaves,
    lambda inner: st.one_of(
        st.builds(
            one_key, st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)
        ),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=8,
)
