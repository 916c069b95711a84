"""Policies in a file of their own: one text with the catalogue, mistakes in their own file."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.catalogue import Catalogue, joined, parse_catalogue, with_policies
from recommender.catalogue.sources import POLICY_KEYS
from recommender.errors import CatalogueError
from tests.recommender.bank import CATALOGUE_FILE, bank

TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")
STRICT = """
policy_set: {owner: risk, version: "7", valid_from: 2026-01-01, valid_to: 2026-12-31}
policies:
  - {id: adults_only, stage: eligible, applies_to: all, when: {age: {at_least: 21}}}
assertions: []
"""
DAY = date(2026, 11, 26)


def refused(policies: str, on: date | None = None) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        with_policies(TEXT, policies, "new.yaml", "c.yaml", on)
    return [str(problem) for problem in caught.value.problems]


def test_a_policy_file_takes_the_place_of_the_policies_and_of_nothing_else() -> None:
    strict = with_policies(TEXT, STRICT)
    assert [policy.id for policy in strict.policies] == ["adults_only"]
    assert strict.contact == bank().contact
    assert strict.products == bank().products
    assert strict.digest != bank().digest


def test_what_may_stand_in_a_policy_file_is_declared_in_a_catalogue() -> None:
    assert set(POLICY_KEYS) <= set(Catalogue.model_fields)


@pytest.mark.parametrize("policies", [STRICT, f"---\n{STRICT}", f"# ours\n---\n{STRICT}...\n"])
def test_both_make_one_text_that_says_the_same(policies: str) -> None:
    text = joined(TEXT, policies)
    assert parse_catalogue(text).digest == with_policies(TEXT, policies).digest
    assert text.startswith(TEXT)


def test_of_a_policy_file_before_nothing_stays() -> None:
    once = joined(TEXT, "contact: {marketing_per_week: 1}")
    assert parse_catalogue(once).contact.marketing_per_week == 1
    assert with_policies(once, STRICT) == with_policies(TEXT, STRICT)
    assert joined(once, STRICT) == joined(TEXT, STRICT)


def test_a_mistake_is_said_to_be_in_the_file_where_it_is() -> None:
    assert refused(STRICT.replace("{age:", "{aeg:")) == [
        "new.yaml:4 policies[0].when.aeg: unknown attribute 'aeg'; did you mean 'age'?"
    ]
    (stray,) = refused("contact: {marketing_per_week: 1}\nprodcuts: {}\n")
    assert stray.startswith("new.yaml:2 prodcuts: 'prodcuts' is not for a policy file; there are: ")
    assert refused("") == ["new.yaml:1 the policy file is empty"]
    assert refused("- a") == ["new.yaml:1 a policy file is a mapping of keys to values"]
    assert refused("a: [")[0].startswith("new.yaml:1 not YAML")
    assert "another document" in refused("a: 1\n---\nb: 1\n")[0]


def test_in_one_text_the_line_is_that_of_the_text() -> None:
    text = joined(TEXT, STRICT.replace("{age:", "{aeg:"))
    with pytest.raises(CatalogueError) as caught:
        parse_catalogue(text, "c.yaml")
    line = next(n for n, line in enumerate(text.splitlines(), 1) if "aeg:" in line)
    assert str(caught.value).startswith(f"c.yaml:{line} policies[0].when.aeg")


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (date(2026, 12, 31), None),
        (date(2027, 1, 1), "policy_set.valid_to: this policy set ended on 2026-12-31"),
        (date(2025, 12, 31), "policy_set.valid_from: this policy set begins on 2026-01-01"),
    ],
)
def test_a_policy_set_is_put_in_force_within_its_term_only(on: date, said: str | None) -> None:
    if said is None:
        assert isinstance(with_policies(TEXT, STRICT, on=on), Catalogue)
    else:
        (problem,) = refused(STRICT, on)
        assert problem.startswith(f"new.yaml:2 {said}; ")


def test_a_term_that_is_upside_down_is_refused() -> None:
    upside_down = STRICT.replace("valid_from: 2026", "valid_from: 2027")
    assert "the term is upside down: 2027-01-01 > 2026-12-31" in refused(upside_down)[0]
