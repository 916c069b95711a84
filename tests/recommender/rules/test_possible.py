"""The search for facts finds some wherever there are any, and never where there are none."""

from __future__ import annotations

from copy import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.rules import Facts, compile_condition
from recommender.rules.demands import NOT_TRUE, TRUE, Wish, demand
from recommender.rules.possible import TooTangled, possible
from recommender.rules.regions import Between, Subject
from recommender.rules.samples import facts_of, sample_in, sample_of, shrunk, subjects_in, told
from tests.recommender.bank import bank
from tests.recommender.rules.small_world import EVERYBODY, small
from tests.recommender.rules.test_conditions import parsed
from tests.recommender.rules.written import conditions, situations

UNIVERSE = bank().universe
wishes = st.sampled_from([TRUE, NOT_TRUE, Wish(true=False), Wish(or_unknown=True)])


def answers(found: bool | None, wish: Wish) -> bool:
    return wish.or_unknown if found is None else found is wish.true


@given(st.lists(st.tuples(conditions, wishes), min_size=1, max_size=3))
def test_what_is_found_answers_as_wished(wished: list[tuple[dict[str, Any], Wish]]) -> None:
    pairs = [(parsed(written), wish) for written, wish in wished]
    regions = possible([demand(condition, wish, UNIVERSE) for condition, wish in pairs])
    if regions is not None:
        facts = facts_of(sample_in(regions))
        for condition, wish in pairs:
            assert answers(compile_condition(condition)(facts), wish)


@given(conditions, situations, wishes)
def test_what_somebody_is_is_possible(written: dict[str, Any], facts: Facts, wish: Wish) -> None:
    condition = parsed(written)
    facts = consistent(facts)
    if answers(compile_condition(condition)(facts), wish):
        assert possible([demand(condition, wish, UNIVERSE)]) is not None


def consistent(facts: Facts) -> Facts:
    """As an account can be: not short with money left, not without what one has."""
    like = copy(facts)
    like._held_before = facts.held_before - facts.holds
    like._broken_promises = facts.broken_promises & facts.open_cases
    if facts.projected_shortfall:
        like._lowest_balance_minor = -1
    return like


@given(st.lists(small, min_size=1, max_size=4), wishes)
@settings(max_examples=300)
def test_in_a_small_world_what_is_impossible_is_so_for_everybody(
    written: list[dict[str, Any]], wish: Wish
) -> None:
    rules = [parsed(one) for one in written]
    asked = [compile_condition(rule) for rule in rules]
    somebody = any(all(answers(ask(facts), wish) for ask in asked) for facts in EVERYBODY)
    found = possible([demand(rule, wish, UNIVERSE) for rule in rules])
    if somebody:
        assert found is not None
    elif found is not None:  # outside the small world: other jobs, both products
        facts = facts_of(sample_in(found))
        assert all(answers(ask(facts), wish) for ask in asked)


@given(conditions, situations)
def test_a_sample_of_what_is_asked_about_answers_as_the_whole(
    written: dict[str, Any], facts: Facts
) -> None:
    condition = parsed(written)
    ask = compile_condition(condition)
    subjects = set(subjects_in(demand(condition, TRUE, UNIVERSE)))
    assert ask(facts_of(sample_of(facts, subjects))) is ask(facts)


@given(conditions, situations)
def test_a_shrunk_sample_still_answers_so_and_without_any_of_it_no_more(
    written: dict[str, Any], facts: Facts
) -> None:
    condition = parsed(written)
    ask = compile_condition(condition)
    answer = ask(facts)
    sample = sample_of(facts, subjects_in(demand(condition, TRUE, UNIVERSE)))
    least = shrunk(sample, lambda fewer: ask(fewer) is answer)
    assert ask(facts_of(least)) is answer
    assert least.items() <= sample.items()


def test_what_is_told_of_a_sample_is_short() -> None:
    sample = {
        Subject("value", "age"): 17,
        Subject("value", "has_car"): False,
        Subject("holds", "mortgage"): True,
        Subject("days_since", "case_closed", "complaint"): 3,
    }
    said = "days_since case_closed complaint 3, holds mortgage, age 17, has_car no"
    assert told(sample) == said
    assert told({}) == "nothing"


def test_a_search_that_takes_too_long_is_given_up() -> None:
    either = parsed({"any": [{"age": {"is": 18}}, {"holds": "mortgage"}]})
    demands = [demand(either, TRUE, UNIVERSE)]
    assert possible(demands) is not None
    with pytest.raises(TooTangled):
        possible(demands, most_steps=1)


@pytest.mark.parametrize(
    ("region", "picked"),
    [
        (Between(0, 18), 17),
        (Between(18, 131), 18),
        (Between(18, 131, holes=frozenset({18, 19})), 20),
        (Between(5, 5), None),
        (Between(5, 6, holes=frozenset({5})), None),
    ],
)
def test_the_value_that_is_picked_is_at_the_edge(region: Between, picked: int | None) -> None:
    assert region.pick() == picked
    assert region.empty is (picked is None)
