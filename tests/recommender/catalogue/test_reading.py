"""The reader's laws: whatever the text, it gives a catalogue or a list of mistakes in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.catalogue import Problem, parse_catalogue
from recommender.catalogue.source import Loader
from recommender.errors import CatalogueError
from tests.recommender.bank import CATALOGUE_FILE, bank

TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")
LINES = TEXT.splitlines(keepends=True)

Path = tuple[str | int, ...]

PYTHON = ("instance of", "NoneType", "valid", "dictionary", "tuple", "pydantic")
"""Words that would betray how the reader is made."""


def read_or_refused(text: str) -> None:
    """Reads `text`; fails on anything but a catalogue or mistakes that a person can act on."""
    leaks = [word for word in PYTHON if word not in text]
    for problem in mistakes_in(text):
        assert isinstance(problem, Problem)
        assert 1 <= problem.line <= text.count("\n") + 1
        assert problem.message
        assert not any(word in problem.message for word in leaks), problem


def mistakes_in(text: str) -> tuple[object, ...]:
    try:
        catalogue = parse_catalogue(text, "c.yaml")
    except CatalogueError as refused:
        return refused.problems or ("refused, and nobody knows why",)
    return () if catalogue.products else ("read, but nothing is in it",)


@given(st.data())
@settings(max_examples=40)
def test_a_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(LINES) - 1))
    count = data.draw(st.integers(0, 3))
    junk = data.draw(st.text(max_size=20))
    read_or_refused("".join([*LINES[:place], junk, *LINES[place + count :]]))


Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def written(values: Any) -> str:
    text: str = yaml.dump(values, Dumper=Dumper, allow_unicode=True, sort_keys=False)
    return text


def small_bank() -> dict[str, Any]:
    """The demo bank with a few of its products: all kinds of parts, a fifth of the text."""
    values: dict[str, Any] = yaml.load(TEXT, Loader=Loader)  # a safe one
    products = ("savings_account", "mortgage", "business_account", "business_loan")
    attributes = ("occupation", "income_band", "children", "gender")
    for part, few in (("products", products), ("attributes", attributes)):
        values[part] = {name: values[part][name] for name in few}
    values["life_stage"], values["features"]["crosses"] = ["occupation"], []
    # these speak of products that are not among them
    del values["alerts"]["card_or_policy_ends"]
    values["policies"] = [one for one in values["policies"] if one["id"] != "no_sales_in_shortfall"]
    values["assertions"] = [one for one in values["assertions"] if "insurance" not in str(one)]
    assert parse_catalogue(written(values)).products
    return values


SMALL = small_bank()


def paths_in(values: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    if isinstance(values, dict | list):
        pairs = values.items() if isinstance(values, dict) else enumerate(values)
        for key, value in pairs:
            yield from paths_in(value, (*path, key))


PATHS = tuple(paths_in(SMALL))[1:]

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.dates()
    | st.sampled_from(["all", "any", "age", "mortgage", "high", "en", "", "{", "student"])
    | st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["all", "not", "age", "holds", "interest", "is", "between", "domain"])
            | st.integers()
            | st.booleans(),
            inner,
            max_size=2,
        )
    ),
    max_leaves=5,
)


def with_other(values: Any, path: Path, other: Any) -> Any:
    """A copy of `values` with `other` at `path`."""
    if not path:
        return other
    (key, *rest) = path
    copy = values.copy()
    copy[key] = with_other(values[key], tuple(rest), other)
    return copy


@given(st.lists(st.tuples(st.sampled_from(PATHS), anything), min_size=1, max_size=3))
@settings(max_examples=80)
def test_any_part_may_be_anything_at_all(changes: list[tuple[Path, Any]]) -> None:
    values = SMALL
    for path, other in sorted(changes, key=lambda change: -len(change[0])):
        values = with_other(values, path, other)  # deepest first, so that every path still exists
    read_or_refused(written(values))


def test_the_digest_is_of_what_is_declared_not_of_how_the_file_looks() -> None:
    assert parse_catalogue("# a comment\n" + TEXT).digest == bank().digest
    cheaper = TEXT.replace("value: 1.5", "value: 1.4")
    assert parse_catalogue(cheaper).digest != bank().digest
