"""From text to Catalogue, or to every mistake in it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from recommender.catalogue.alerts import zone_of
from recommender.catalogue.base import Declared
from recommender.catalogue.coherence import conditions_in, incoherences
from recommender.catalogue.currency import out_of_date
from recommender.catalogue.mistakes import UNKNOWN_KEY, from_pydantic, meant_key
from recommender.catalogue.possibility import nobody_ever
from recommender.catalogue.proof import untrue
from recommender.catalogue.schema import Catalogue, InterestDecay
from recommender.catalogue.slips import Reading
from recommender.catalogue.source import Path, documents, read_source
from recommender.catalogue.sources import RULES, Sources
from recommender.days import Days
from recommender.errors import CatalogueError
from recommender.rules.named import resolve
from recommender.rules.names import Mistake, Names, mapping_in


def parse_catalogue(text: str, source: str = "catalogue.yaml", on: date | None = None) -> Catalogue:
    """The catalogue in `text`; `source` is the file's name, for messages.

    A second YAML document in it holds policies, as `with_policies` and `joined` know them. With
    `on`, the day it is to be put in force or an instant of that day at the bank, what has ended by
    then and assertions that are not true from then on are mistakes too.

    Raises:
        CatalogueError: its `problems` are all the mistakes there are, in the order of the file.
    """
    return _parsed(_sources(text, source), on)


def read_again(text: str, source: str = "catalogue.yaml") -> Catalogue:
    """The catalogue in `text`, which was in force before: what this version asks of a new one, and
    one of before did not, is not asked of it. Neither is it searched for contradictions.

    Raises:
        CatalogueError: it cannot be understood.
    """
    return _parsed(_sources(text, source), in_force_before=True)


def _sources(text: str, source: str) -> Sources:
    catalogue, *others = documents(text)
    if not others:
        return Sources(read_source(text, source))
    above = catalogue.count("\n")
    policies = read_source("\n" * above + "".join(others), source, "policy file")
    return Sources(read_source(catalogue, source), policies)


def with_policies(
    text: str,
    policies: str,
    name: str = "policies.yaml",
    source: str = "catalogue.yaml",
    on: date | None = None,
) -> Catalogue:
    """The catalogue in `text` with the policies in the text `policies`, of the file `name`.

    What the policy file says takes the place of what `text` says of it: named rules one by one,
    every other key as a whole. Of policies that stand beside `text` already nothing stays.

    Raises:
        CatalogueError: as `parse_catalogue`; what is wrong in `policies` is said to be in `name`.
    """
    catalogue, *_ = documents(text)
    theirs = read_source(policies, name, "policy file")
    return _parsed(Sources(read_source(catalogue, source), theirs), on)


def joined(text: str, policies: str, name: str = "policies.yaml") -> str:
    """One self-contained text that `parse_catalogue` reads as `with_policies` does."""
    catalogue, *_ = documents(text)
    _, *begun = documents(f"a\n{policies}")
    mark = "" if begun else f"--- # {name}\n"
    end = "" if catalogue.endswith("\n") else "\n"
    return f"{catalogue}{end}{mark}{policies}"


def _parsed(read: Sources, on: date | None = None, *, in_force_before: bool = False) -> Catalogue:
    catalogue: Catalogue | None = None
    mistakes: list[Mistake] = []
    if read.values:
        catalogue, mistakes = _validated(read.values, in_force_before=in_force_before)
    if catalogue is not None and not mistakes and not in_force_before:
        mistakes += nobody_ever(catalogue)
        if on is not None:
            day = Days(zone_of(catalogue.timezone)).of(on) if isinstance(on, datetime) else on
            mistakes += (*out_of_date(catalogue, day), *untrue(catalogue, day))
    problems = read.problems(mistakes)
    if problems or catalogue is None:
        raise CatalogueError(problems)
    return catalogue


def _validated(
    values: Mapping[str, Any], *, in_force_before: bool
) -> tuple[Catalogue | None, list[Mistake]]:
    """The catalogue in a file's values, or all its mistakes, those below misspelt keys too."""
    reading, slips = Reading(values), dict[Path, Mistake]()
    while True:
        context = _context(reading.values) | {"in_force_before": in_force_before}
        try:
            catalogue = Catalogue.model_validate(reading.values, context=context)
        except ValidationError as error:
            catalogue, errors = None, error.errors()
        else:
            errors = []
        again = reading
        for details in errors:
            if details["type"] == UNKNOWN_KEY:
                path = reading.as_written(details["loc"])
                if path not in slips:
                    (slips[path],) = from_pydantic({**details, "loc": path}, _declared_keys())
                    again = _mended(again, details["loc"])
        if again is reading:
            break
        reading = again
    found = [] if in_force_before else list(incoherences(reading.values))
    for details in errors:
        if details["type"] != UNKNOWN_KEY:
            found += from_pydantic(details, ())
    return catalogue, [*slips.values(), *(_as_written(reading, item) for item in found)]


def _mended(reading: Reading, path: Path) -> Reading:
    """With the key at `path` as it was probably meant."""
    close = meant_key(str(path[-1]), _declared_keys())
    return reading if close is None else reading.mended(path, close)


def _as_written(reading: Reading, mistake: Mistake) -> Mistake:
    return replace(mistake, path=reading.as_written(mistake.path))


def _context(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What validators need to know of the rest of the file while they look at one part."""
    declared = mapping_in(mapping_in(raw, "interest"), "levels") or InterestDecay().levels
    levels = {
        name: bound if isinstance(bound, int | float) else 0.0 for name, bound in declared.items()
    }
    products = mapping_in(raw, "products").items()
    domain_of = {name: str(item.get("domain")) for name, item in products if isinstance(item, dict)}
    names, rules = Names.of(raw), mapping_in(raw, RULES)
    texts = {
        name: mapping_in(rule, "text") for name, rule in rules.items() if isinstance(rule, dict)
    }
    return {
        "names": names,
        "levels": levels,
        "domain_of": domain_of,
        "named": resolve(conditions_in(raw), names, levels, domain_of),
        "texts": {name: text for name, text in texts.items() if set(text) == set(names.languages)},
    }


@cache
def _declared_keys() -> tuple[str, ...]:
    """Every key that the schema declares anywhere."""
    keys: dict[str, None] = {}
    waiting: list[type[BaseModel]] = [Declared]
    while waiting:
        for model in waiting.pop().__subclasses__():
            keys |= {field.alias or name: None for name, field in model.model_fields.items()}
            waiting.append(model)
    return tuple(keys)
