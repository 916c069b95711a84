"""The page says what there is to say, and refers to nothing outside itself."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.training.simulation.conftest import NO_CREDIT_BELOW_40, before, changed, sides
from training.simulation import Simulation
from training.simulation.page import render
from training.simulation.text import lines


@pytest.fixture(scope="module")
def found(simulated: Callable[..., Simulation]) -> Simulation:
    return simulated(changed(NO_CREDIT_BELOW_40))


def test_it_names_products_rules_groups_and_examples(found: Simulation) -> None:
    page = render(found)
    for row in found.products:
        assert row.title in page
    for one in found.examples:
        assert one.account_id in page
    for words in ("policy.below_40", "By life stage", "By gender", "expected value", "Nothing was"):
        assert words in page
    assert found.before.policy in page
    assert found.after.policy in page


def test_it_needs_nothing_else(found: Simulation) -> None:
    page = render(found)
    assert not re.findall(r"(?:src|href)=|url\(|<script|@import", page)


def test_no_change_says_so_and_shows_no_empty_tables(
    simulated: Callable[..., Simulation],
) -> None:
    found = simulated(sides(before().catalogue))
    page = render(found)
    assert "Nothing differs" in page
    assert "Who gains" not in page
    assert "Which rules" not in page
    assert "Nothing differs: 250 accounts are shown exactly what they were." in list(lines(found))


def test_words_of_a_catalogue_are_no_markup(simulated: Callable[..., Simulation]) -> None:
    text = before().catalogue.replace("{en: Credit card,", '{en: "<b>Card</b>",')
    page = render(simulated(sides(text)))
    assert "<b>Card" not in page


def test_the_text_says_the_same_in_short(found: Simulation) -> None:
    said = "\n".join(lines(found))
    for words in ("marketing contacts", "policy.below_40", "gender (for audit)", "examples"):
        assert words in said
