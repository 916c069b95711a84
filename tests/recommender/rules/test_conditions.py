"""Conditions: fast closures that answer as a slow reading of the YAML does, in three values."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

from hypothesis import given

from recommender.rules import Facts, compile_condition, parse_condition
from recommender.rules.conditions import Condition, Happening
from recommender.rules.names import Names
from tests.recommender.bank import CATALOGUE_FILE, bank
from tests.recommender.rules.written import conditions, happening, situations, values

import yaml  # isort: skip

NAMES = Names.of(yaml.safe_load(CATALOGUE_FILE.read_text(encoding="utf-8")))
LEVELS = bank().interest.levels
DOMAIN_OF = {name: product.domain for name, product in bank().products.items()}


def parsed(written: dict[str, Any]) -> Condition:
    return parse_condition(written, NAMES, LEVELS, DOMAIN_OF)


def kleene(  # noqa: C901, PLR0911, PLR0912  # a case for each form
    written: dict[str, Any], facts: Facts
) -> bool | None:
    """The meaning of a condition, straight from Kleene's tables and the YAML."""
    ((key, value),) = written.items()
    if key in {"all", "any"}:
        parts = [kleene(part, facts) for part in value]
        decisive = key == "any"
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if key == "not":
        inner = kleene(value, facts)
        return None if inner is None else not inner
    if key == "holds":
        wanted = value if isinstance(value, list) else [value]
        return any(product in facts.holds for product in wanted)
    if key == "holds_in":
        return any(DOMAIN_OF[product] == value for product in facts.holds)
    if key == "interest":
        levels = facts.domain_interest if "domain" in value else facts.product_interest
        subject = value.get("domain") or value.get("product")
        return levels.get(subject, 0) >= LEVELS[value["at_least"]]
    if key == "open_case":
        return value in facts.open_cases
    if (key, value) == ("projected_shortfall", "seen"):
        return facts.projected_shortfall is True
    if key == "projected_shortfall":
        return None if facts.projected_shortfall is None else facts.projected_shortfall == value
    if key == "held_before":
        return any(product in facts.held_before for product in value)
    if key == "unfinished":
        return any(product in facts.unfinished for product in value)
    if key == "broken_promise":
        return any(kind in facts.broken_promises for kind in value)
    if key == "dissatisfied":
        score, days = facts.opinion or (101, 0)
        return bool(score < value["below"] and days <= value["days"])
    if key == "journey":
        stage = facts.stage(value["domain"])
        return None if stage is None else stage in value["stage"]
    if key == "projected_balance":
        return compared(value, facts.lowest_balance_minor)
    if key == "days_since":
        return since(dict(value), facts)
    return compared(value, facts.values.get(key))


def since(written: dict[str, Any], facts: Facts) -> bool | None:
    (name,) = set(written) & {*Happening}
    days = facts.days_since(*happening({name: written.pop(name)}))
    return (None if name == "joined" else False) if days is None else compared(written, days)


def compared(written: dict[str, Any], found: Any) -> bool | None:
    if found is None:
        return None
    ((operator, operand),) = written.items()
    meanings: dict[str, Callable[[], bool]] = {
        "is": lambda: found == operand,
        "in": lambda: found in operand,
        "not_in": lambda: found not in operand,
        "at_least": lambda: found >= operand,
        "below": lambda: found < operand,
        "between": lambda: operand[0] <= found <= operand[1],
    }
    return meanings[operator]()


@given(conditions, situations)
def test_a_compiled_condition_answers_as_it_is_written(
    written: dict[str, Any], facts: Facts
) -> None:
    assert compile_condition(parsed(written))(facts) is kleene(written, facts)


@given(conditions)
def test_equal_writing_gives_equal_conditions(written: dict[str, Any]) -> None:
    assert parsed(written) == parsed(written)
    assert hash(parsed(written)) == hash(parsed(written))


@given(conditions, situations, values)
def test_knowing_more_never_turns_an_answer_around(
    written: dict[str, Any], facts: Facts, more: dict[str, Any]
) -> None:
    """An answer given on little data stands when data is added: unknown is not guessed."""
    wiser = copy(facts)
    wiser.values = {**more, **facts.values}
    ask = compile_condition(parsed(written))
    answer = ask(facts)
    assert answer is None or ask(wiser) is answer
