"""Mistakes in a catalogue: all at once, each with its line, its path and how to mend it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.catalogue import parse_catalogue
from recommender.errors import CatalogueError
from tests.recommender.bank import CATALOGUE_FILE, bank

TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")

WRONG = """\
name: wrong
version: "1"
currency: euro
languages: [en, nl]
life_stage: [occupation, gender]
features:
  age: {bins: [30, 20]}
  crosses: [[occupation, agee]]
attributes:
  occupation: {type: category, values: [student, employed], uses: [model, policy], label: {en: job, nl: werk}}
  gender: {type: category, values: [f, m], uses: [audit]}
  spy: {type: boolean, uses: [audit, model]}
domains:
  housing: {title: {en: Housing}}
products:
  mortgage:
    domain: housng
    type: credit
    title: {en: Mortgage, nl: Hypotheek}
    message: {en: m, nl: m}
    url: /m
    valeu: 2
    eligible:
      - {id: adult, when: {agee: {at_least: 18}}}
      - {id: young, when: {age: {between: [40, 30]}}}
      - {id: fair, when: {gender: {is: f}}}
    suitable:
      - id: nested
        when:
          any:
            - {occupation: {is: studnet}}
            - {occupation: {at_leest: 1}}
            - {not: {holds: savings}}
            - {interest: {domain: housing, at_least: hot}}
policies:
  - {id: p, stage: suitable, applies_to: {types: [credt]}, when: {open_case: complaint}}
levers: {domain: {housing: 99}}
actions:
  hello: {kind: advice, domain: housing, title: {en: a, nl: b}, message: {en: a, nl: b}, url: /}
placements:
  home: {slots: 3, fallback: [helo]}
  home: {slots: 3, fallback: [hello]}
"""  # noqa: E501  # as people write it

EXPECTED = """\
c.yaml:3 currency: string should match pattern '^[A-Z]{3}$'
c.yaml:5 life_stage: attribute 'gender' is no model feature; add `model` to its uses
c.yaml:7 features.age: bins must ascend; [20, 30]?
c.yaml:8 features.crosses[0]: unknown feature 'agee'; did you mean 'age'?
c.yaml:12 attributes.spy: an attribute for audit has no other use; keep `uses: [audit]`, or drop audit
c.yaml:14 domains.housing.title: missing translation: nl; add `nl: ...`
c.yaml:22 products.mortgage.valeu: unknown key 'valeu'; did you mean 'value'?
c.yaml:24 products.mortgage.eligible[0].when.agee: unknown attribute 'agee'; did you mean 'age'?
c.yaml:25 products.mortgage.eligible[1].when.age.between: the range is upside down: 40 > 30; [30, 40]?
c.yaml:26 products.mortgage.eligible[2].when.gender: attribute 'gender' may not be used by a rule (declared uses: audit); add `policy` to its uses, if the law allows it
c.yaml:31 products.mortgage.suitable[0].when.any[0].occupation.is: 'studnet' is not a value of 'occupation'; did you mean 'student'?
c.yaml:32 products.mortgage.suitable[0].when.any[1].occupation.at_leest: unknown operator 'at_leest'; did you mean 'at_least'?
c.yaml:33 products.mortgage.suitable[0].when.any[2].not.holds: unknown product 'savings'; there are: mortgage
c.yaml:34 products.mortgage.suitable[0].when.any[3].interest.at_least: unknown interest level 'hot'
c.yaml:36 policies[0].applies_to: unknown product type 'credt'; did you mean 'credit'?
c.yaml:37 levers.domain.housing: input should be less than or equal to 10
c.yaml:41 placements.home: this key stands twice; first on line 41
"""  # noqa: E501  # one line each, as printed


def mistakes_in(text: str) -> str:
    with pytest.raises(CatalogueError) as caught:
        parse_catalogue(text, "c.yaml")
    return str(caught.value) + "\n"


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file() -> None:
    assert mistakes_in(WRONG) == EXPECTED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the catalogue is empty"),
        ("- a list", "a catalogue is a mapping"),
        ("a: [1", "not YAML"),
        ("name: x\n", "'products' is missing"),
        ("day: 2026-13-45\n", "not YAML"),
        ("name: &a [*a]\n", "c.yaml"),
    ],
)
def test_what_is_no_catalogue_at_all_is_one_clear_error(text: str, message: str) -> None:
    assert message in mistakes_in(text)


LINES = TEXT.splitlines(keepends=True)


@given(st.data())
def test_a_damaged_catalogue_is_read_or_refused_but_never_breaks_the_reader(
    data: st.DataObject,
) -> None:
    place = data.draw(st.integers(0, len(LINES) - 1))
    count = data.draw(st.integers(0, 3))
    junk = data.draw(st.text(max_size=20))
    text = "".join([*LINES[:place], junk, *LINES[place + count :]])
    with suppress(CatalogueError):
        assert parse_catalogue(text, "c.yaml").products


def test_the_digest_is_of_what_is_declared_not_of_how_the_file_looks() -> None:
    assert parse_catalogue("# a comment\n" + TEXT).digest == bank().digest
    cheaper = TEXT.replace("value: 1.5", "value: 1.4")
    assert parse_catalogue(cheaper).digest != bank().digest


def test_the_demo_bank_has_the_breadth_it_promises() -> None:
    catalogue = bank()
    assert len(catalogue.products) >= 30
    assert len(catalogue.domains) == 8
    assert sum(product.partner is not None for product in catalogue.products.values()) == 3
    assert {product.domain for product in catalogue.products.values()} == set(catalogue.domains)
