"""Mistakes in a catalogue: all at once, each with its line, its path and how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from recommender.catalogue import Problem, parse_catalogue, with_policies
from recommender.catalogue.coherence import incoherences
from recommender.errors import CatalogueError
from tests.recommender.bank import CATALOGUE_FILE

HERE = Path(__file__).parent
TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")


def problems_in(text: str) -> tuple[Problem, ...]:
    with pytest.raises(CatalogueError) as caught:
        parse_catalogue(text, "c.yaml")
    return tuple(item for item in caught.value.problems if isinstance(item, Problem))


def the_problem_in(text: str) -> str:
    (problem,) = problems_in(text)
    return str(problem)


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file() -> None:
    """`wrong.yaml` has some fifty mistakes; `wrong.txt` is what its author is told."""
    said = "".join(f"{problem}\n" for problem in problems_in((HERE / "wrong.yaml").read_text()))
    assert said == (HERE / "wrong.txt").read_text().replace("wrong.yaml:", "c.yaml:")


@pytest.mark.parametrize(
    ("right", "slip", "said"),
    [
        ("{has_car: {is: true}}", "{has_car: {is: 1}}", "'has_car' is yes or no, 1 is not"),
        ("domain: housing\n", "domain: hosing\n", "unknown domain 'hosing'"),
        (
            "{holds: business_account}",
            "{holds: busines_account}",
            "did you mean 'business_account'",
        ),
        ("projected_shortfall: true}", "projected_shortfall: maybe}", "'maybe' is not yes or no"),
        ("at_least: medium}", "at_least: medum}", "did you mean 'medium'?"),
        ("slots: 3,", "slots: 0,", "placements.home.slots: input should be greater than or equal"),
        ("value: 1.5", "value: -1", "products.mortgage.value: input should be greater than 0"),
        ("value: 1.5", "value: .nan", "products.mortgage.value: input should be a finite number"),
        ("partner: Zonnig", "partner: true", "this is no text; put it in quotes"),
        ("stage: suitable", "stage: suited", "did you mean 'suitable'?"),
        ("for {counterparty}", "for {counterpart}", "did you mean 'counterparty'?"),
        ("{en: Saving, nl: Sparen}", "{en: Saving, nl: ' '}", "missing translation: nl"),
        (
            "applies_to: {types: [credit]}",
            "applies_to: {}",
            "a policy over no product does nothing",
        ),
        ("applies_to: all", "applies_to: {types: []}", "policies[0].applies_to: a policy over no"),
        (
            "\n  complaint_status:",
            "\n  mortgage:",
            "actions.mortgage: 'mortgage' is a product, too",
        ),
        ("slots: 3, max", "slots: 4, max", "4 slots and 3 to fall back on"),
        ("contact:", "contacts:", "unknown key 'contacts'; did you mean 'contact'?"),
        ("at_least: 18}", "at_least: -18}", "'age' is never -18; it is 0 to 130 years"),
        ("between: [16, 30]", "between: [16, 300]", "'age' is never 300; it is 0 to 130 years"),
        ("{bins: [18, 25,", "{bins: [-18, 25,", "no age or tenure is -18"),
    ],
)
def test_one_slip_of_the_pen_is_one_clear_line(right: str, slip: str, said: str) -> None:
    assert right in TEXT
    problems = [str(problem) for problem in problems_in(TEXT.replace(right, slip, 1))]
    assert any(said in problem for problem in problems), problems


def levers(product: object, domain: object, owner: str = "us") -> str:
    told = "{{factor: {}, until: 2099-12-31, owner: {}}}"
    both = told.format(product, owner), told.format(domain, "us")
    return f"levers: {{product: {{mortgage: {both[0]}}}, domain: {{housing: {both[1]}}}}}"


@given(st.floats(0.1, 10), st.floats(0.1, 10))
@example(10, 10)
@example(0.1, 0.1)
@example(0.25, 0.4)
@example(4, 2.5)
def test_a_products_lever_and_its_domains_stay_within_bounds_together(
    product: float, domain: float
) -> None:
    found = [str(one) for one in incoherences(yaml.safe_load(FRAME + levers(product, domain)))]
    assert bool(found) is not (0.1 - 1e-9 <= product * domain <= 10 + 1e-9)


FRAME = "products: {mortgage: {domain: housing}}\n"


def test_of_levers_out_of_bounds_the_path_is_told() -> None:
    with pytest.raises(CatalogueError) as caught:
        with_policies(TEXT, levers(10, 10), "new.yaml")
    assert str(caught.value).startswith(
        "new.yaml:1 levers.product.mortgage.factor: 10, and 10 for its domain 'housing', come to "
        "100; together they may come to 0.1 to 10"
    )


@pytest.mark.parametrize("owner", ["''", "' '"])
def test_a_lever_that_a_blank_answers_for_is_refused(owner: str) -> None:
    with pytest.raises(CatalogueError, match=r"mortgage\.owner: nobody answers for this lever"):
        with_policies(TEXT, levers(2, 2, owner), "new.yaml")


def test_the_line_is_that_of_the_mistake() -> None:
    lines = TEXT.splitlines()
    (place,) = [number for number, line in enumerate(lines) if line == "  mortgage:"]
    lines[place + 1] = "    domain: hosing"
    (problem,) = problems_in("\n".join(lines))
    assert (problem.file, problem.line) == ("c.yaml", place + 2)
    assert problem.path == "products.mortgage.domain"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "c.yaml:1 the catalogue is empty"),
        ("{}", "c.yaml:1 the catalogue is empty"),
        ("- a list", "c.yaml:1 a catalogue is a mapping of keys to values"),
        ("a: 1\nb: [1", "c.yaml:2 not YAML: did not find expected ',' or ']'"),
        ("day: 2026-13-45\n", "c.yaml:1 not YAML: month must be in 1..12"),
        ("a: 1\nname: &a [*a]\n", "c.yaml:2 aliases (*name) are not allowed"),
        ("a: " + "[" * 100_000, "c.yaml:1 nested more than 50 levels deep"),
        ("a: " + "{not: " * 99 + "x" + "}" * 99, "c.yaml:1 nested more than 50 levels deep"),
    ],
)
def test_what_is_no_catalogue_at_all_is_one_clear_error(text: str, said: str) -> None:
    assert the_problem_in(text) == said


def test_what_stands_below_misspelt_keys_is_checked_at_once() -> None:
    lines = TEXT.splitlines()
    (place,) = [number for number, line in enumerate(lines) if line == "  mortgage:"]
    lines[place + 1] = "    domian: hosing"
    (rules,) = [number for number in range(place, place + 12) if lines[number] == "    eligible:"]
    lines[rules : rules + 2] = [
        "    elegible:",
        "      - {id: adult, wehn: {agee: {at_leest: ten}}}",
    ]
    said = [(problem.path, problem.message) for problem in problems_in("\n".join(lines))]
    rule = "products.mortgage.elegible[0]"
    assert said == [
        ("products.mortgage.domian", "unknown key 'domian'"),
        ("products.mortgage.domian", "unknown domain 'hosing'"),
        ("products.mortgage.elegible", "unknown key 'elegible'"),
        (f"{rule}.wehn", "unknown key 'wehn'"),
        (f"{rule}.wehn.agee", "unknown attribute 'agee'"),
        (f"{rule}.wehn.agee.at_leest", "unknown operator 'at_leest'"),
        (f"{rule}.wehn.agee.at_leest", "'age' is a number, 'ten' is not"),
    ]


@pytest.mark.parametrize(
    ("right", "slip"),
    [
        ("products:", "prodcuts:"),
        ("attributes:", "atributes:"),
        ("languages:", "langauges:"),
        ("half_life_days:", "half_live_days:"),
        ("    uses:", "    use:"),
        ("    values:", "    value:"),
        ("slots:", "slot:"),
        ("fallback:", "fallbak:"),
    ],
)
def test_a_misspelt_key_is_one_mistake_and_no_other_follows_from_it(right: str, slip: str) -> None:
    assert right in TEXT
    said = the_problem_in(TEXT.replace(right, slip, 1))
    assert f"unknown key {slip.strip(' :')!r}; did you mean" in said


def test_a_key_that_is_only_nearly_another_is_a_mistake_once() -> None:
    """`weight` is nearly `weights`, which other parts have and products do not."""
    said = the_problem_in(TEXT.replace("    value: 1.5", "    weight: 1.5\n    value: 1.5"))
    assert "products.mortgage.weight: unknown key 'weight'" in said


def test_a_slip_beside_the_key_that_was_meant_is_one_mistake() -> None:
    said = the_problem_in(TEXT.replace("    value: 1.5", "    valeu: 2\n    value: 1.5"))
    assert "did you mean 'value'?" in said


def test_what_is_missing_is_named() -> None:
    said = [str(problem) for problem in problems_in("name: x\n")]
    assert "c.yaml:1 'products' is missing" in said
    assert "c.yaml:1 'languages' is missing" in said


def test_the_levels_of_interest_are_known_when_a_catalogue_declares_none() -> None:
    (start, rest) = TEXT.split("  levels:", 1)
    parse_catalogue(start + rest.split("\n", 1)[1])
