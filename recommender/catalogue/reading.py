"""From text to Catalogue, or to every mistake in it at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from recommender.catalogue.schema import Catalogue
from recommender.catalogue.source import Path, Source, read_source
from recommender.catalogue.texts import MISTAKES
from recommender.errors import CatalogueError
from recommender.rules.names import Mistake, Names


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
        try:
            catalogue = Catalogue.model_validate(read.values, context=_context(read.values))
        except ValidationError as error:
            mistakes += [
                mistake for details in error.errors() for mistake in _from_pydantic(details)
            ]
    elif not mistakes:
        mistakes.append(Mistake((), "the catalogue is empty"))
    if mistakes or catalogue is None:
        problems = sorted((_problem(item, read) for item in mistakes), key=lambda p: p.line)
        raise CatalogueError(tuple(problems))
    return catalogue


def _context(raw: dict[str, Any]) -> dict[str, Any]:
    """What validators need to know of the rest of the file while they look at one part."""
    interest = raw.get("interest")
    levels = interest.get("levels") if isinstance(interest, dict) else None
    products = raw.get("products")
    return {
        "names": Names.of(raw),
        "levels": {
            str(name): bound
            for name, bound in (levels.items() if isinstance(levels, dict) else ())
            if isinstance(bound, int | float)
        },
        "domain_of": {
            str(name): str(product.get("domain"))
            for name, product in (products.items() if isinstance(products, dict) else ())
            if isinstance(product, dict)
        },
    }


def _from_pydantic(details: ErrorDetails) -> Iterator[Mistake]:
    path = details["loc"]
    context = details.get("ctx", {})
    if details["type"] == MISTAKES:
        for mistake in context.get("mistakes", ()):
            yield Mistake((*path, *mistake.path), mistake.message, mistake.suggestion)
        if "mistakes" not in context:
            yield Mistake(path, str(context["message"]), str(context.get("hint", "")))
    elif details["type"] == "extra_forbidden":
        yield Mistake(path, f"unknown key {path[-1]!r}", _declared_like(path))
    elif details["type"] == "missing":
        yield Mistake(path[:-1], f"{path[-1]!r} is missing")
    else:
        yield Mistake(path, f"{details['msg'][0].lower()}{details['msg'][1:]}")


def _declared_like(path: Path) -> str:
    """A key that is declared anywhere in the schema and reads like the unknown one."""
    close = get_close_matches(str(path[-1]), _declared_keys(), n=1)
    return f"did you mean {close[0]!r}?" if close else ""


def _declared_keys() -> set[str]:
    keys: set[str] = set()
    waiting: list[type[BaseModel]] = [BaseModel]
    while waiting:
        for model in waiting.pop().__subclasses__():
            if model.__module__.startswith("recommender.catalogue"):
                keys.update(field.alias or name for name, field in model.model_fields.items())
            waiting.append(model)
    return keys


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
