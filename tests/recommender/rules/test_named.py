"""Named rules: as good as what they stand for, and never one that rests on itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.catalogue import with_policies
from recommender.errors import CatalogueError
from recommender.rules import parse_condition
from recommender.rules.named import cycles, resolve
from tests.recommender.bank import CATALOGUE_FILE
from tests.recommender.rules.test_conditions import DOMAIN_OF, LEVELS, NAMES, parsed
from tests.recommender.rules.written import conditions

TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")


@given(conditions, conditions)
def test_a_named_rule_is_as_good_as_what_it_says(
    inner: dict[str, Any], outer: dict[str, Any]
) -> None:
    rules = {"both": {"all": [{"rule": "inner"}, outer]}, "inner": inner}
    named = resolve(rules, NAMES, LEVELS, DOMAIN_OF)
    written = {"not": {"rule": "both"}}
    condition = parse_condition(written, NAMES, LEVELS, DOMAIN_OF, named)
    assert condition == parsed({"not": {"all": [inner, outer]}})


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), max_size=6))
def test_a_circle_is_found_where_there_is_one_and_only_there(arrows: list[tuple[str, str]]) -> None:
    rests_on = {name: sorted({to for at, to in arrows if at == name}) for name in "abcd"}
    rules = {
        name: {"any": [{"age": {"is": 1}}, *({"rule": to} for to in on)]}
        for name, on in rests_on.items()
    }
    reach = {name: set(on) for name, on in rests_on.items()}
    for _ in rules:
        reach = {name: on.union(*(reach[to] for to in on)) for name, on in reach.items()}
    circular = {name for name, on in reach.items() if name in on}
    told = {mistake.path[0] for mistake in cycles(rules)}
    assert bool(told) == bool(circular)
    assert told <= circular
    resolved = resolve(rules, NAMES, LEVELS, DOMAIN_OF)
    wrong = {name for name, on in reach.items() if circular & ({name} | on)}
    assert {name for name, condition in resolved.items() if condition is None} == wrong


def refused(rules: str) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        with_policies(TEXT, f"rules:\n{rules}", "new.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_a_circle_is_told_once_with_the_whole_way_round() -> None:
    rules = """
  a: {when: {all: [{age: {at_least: 18}}, {not: {rule: b}}]}}
  b: {when: {rule: c}}
  c: {when: {any: [{rule: a}]}}
  d: {when: {rule: a}}
"""
    (problem,) = refused(rules)
    where, said = "new.yaml:3 rules.a.when.all[1].not.rule: ", "a rule cannot rest on itself: "
    assert problem == f"{where}{said}a -> b -> c -> a; take one of these steps out"


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (" a: {when: {rule: b}}", "new.yaml:2 rules.a.when.rule: unknown rule 'b'"),
        (" a: {when: {age: {is: x}}}\n b: {when: {rule: a}}", "'age' is a number, 'x' is not"),
        (" a: 3", "rules.a: this needs keys with values"),
        (
            " a: {when: {gender: {is: f}}}",
            "'gender' may not be used by a rule (declared uses: audi",
        ),
    ],
)
def test_what_is_wrong_with_a_named_rule_is_told_once_where_it_stands(
    rules: str, said: str
) -> None:
    (problem,) = refused(rules)
    assert said in problem


def test_a_few_lines_cannot_say_more_than_a_machine_can_hold() -> None:
    doubling = "\n".join(
        f"  r{n}: {{when: {{any: [{{rule: r{n + 1}}}, {{rule: r{n + 1}}}]}}}}" for n in range(60)
    )
    chain = "\n".join(f"  s{n}: {{when: {{not: {{rule: s{n + 1}}}}}}}" for n in range(2000))
    adult = "  r60: {when: {age: {at_least: 18}}}\n  s2000: {when: {age: {at_least: 18}}}"
    problems = refused(f"{doubling}\n{chain}\n{adult}\n")
    assert all("too much in one rule" in problem for problem in problems)


def test_a_rule_that_is_a_named_one_says_its_words() -> None:
    text = "{en: You are too young., nl: U bent te jong.}"
    policies = f"""
rules:
  grown: {{when: {{age: {{at_least: 18}}}}, text: {text}}}
policies:
  - {{id: a, stage: eligible, applies_to: {{domains: [saving]}}, when: {{rule: grown}}}}
  - {{id: b, stage: eligible, applies_to: {{types: [energy]}}, when: {{not: {{rule: grown}}}}}}
"""
    first, second = with_policies(TEXT, policies).policies
    assert first.text == {"en": "You are too young.", "nl": "U bent te jong."}
    assert second.text is None
