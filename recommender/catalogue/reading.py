"""From text to Catalogue, or to every mistake in it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from recommender.catalogue.base import Declared
from recommender.catalogue.coherence import incoherences
from recommender.catalogue.mistakes import UNKNOWN_KEY, from_pydantic, meant_key
from recommender.catalogue.schema import Catalogue, InterestDecay
from recommender.catalogue.slips import Reading
from recommender.catalogue.source import Path, Source, read_source
from recommender.errors import CatalogueError
from recommender.rules.names import Mistake, Names, mapping_in


@dataclass(frozen=True)
class Problem:
    """Where, what, and how to mend it."""

    file: str
    line: int
    path: str
    message: str
    suggestion: str

    def __str__(self) -> str:
        hint = f"; {self.suggestion}" if self.suggestion else ""
        where = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line} {where}{self.message}{hint}"


def parse_catalogue(text: str, source: str = "catalogue.yaml") -> Catalogue:
    """The catalogue in `text`; `source` is the file's name, for messages.

    Raises:
        CatalogueError: its `problems` are all the mistakes there are, in the order of the file.
    """
    read = read_source(text, source)
    mistakes = list(read.mistakes)
    catalogue: Catalogue | None = None
    if read.values:
        catalogue, found = _validated(read.values)
        mistakes += found
    elif not mistakes:
        mistakes.append(Mistake((), "the catalogue is empty"))
    if mistakes or catalogue is None:
        problems = sorted((_problem(item, read) for item in mistakes), key=lambda p: p.line)
        raise CatalogueError(tuple(problems))
    return catalogue


def _validated(values: Mapping[str, Any]) -> tuple[Catalogue | None, list[Mistake]]:
    """The catalogue in a file's values, or all its mistakes, those below misspelt keys too."""
    reading, slips = Reading(values), dict[Path, Mistake]()
    while True:
        try:
            catalogue = Catalogue.model_validate(reading.values, context=_context(reading.values))
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
    found = list(incoherences(reading.values))
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
    levels = mapping_in(mapping_in(raw, "interest"), "levels") or InterestDecay().levels
    return {
        "names": Names.of(raw),
        "levels": {
            name: bound if isinstance(bound, int | float) else 0.0 for name, bound in levels.items()
        },
        "domain_of": {
            name: str(product.get("domain"))
            for name, product in mapping_in(raw, "products").items()
            if isinstance(product, dict)
        },
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


def _problem(mistake: Mistake, source: Source) -> Problem:
    return Problem(
        file=source.name,
        line=source.line_of(mistake.path),
        path=_written(mistake.path),
        message=mistake.message,
        suggestion=mistake.suggestion,
    )


def _written(path: Path) -> str:
    """`products.mortgage.eligible[0].when`, the way people write paths."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
