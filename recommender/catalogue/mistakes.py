"""How a part of the catalogue reports what is wrong with it, while pydantic reads on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from recommender.rules.names import Mistake, Names, meant, suggestion

MISTAKES = "raak_mistakes"
"""The pydantic error type under which Raak's own mistakes travel."""

UNKNOWN_KEY = "extra_forbidden"
"""And pydantic's own for a key that nobody declared."""


def names_in(info: ValidationInfo) -> Names:
    """The names of the catalogue being read; validation always runs with them in its context."""
    names: Names = info.context["names"] if info.context else Names()
    return names


def in_force_before(info: ValidationInfo) -> bool:
    """Whether the catalogue being read was accepted once, maybe by a Raak that asked less of it."""
    return bool(info.context and info.context.get("in_force_before"))


def refuse(*mistakes: Mistake) -> PydanticCustomError:
    """One error that stands for several mistakes; their paths start where it is raised."""
    message = "; ".join(mistake.message for mistake in mistakes)
    return PydanticCustomError(MISTAKES, "{message}", {"message": message, "mistakes": mistakes})


def wrong(message: str, hint: str = "") -> PydanticCustomError:
    return refuse(Mistake((), message, hint))


def unknown(kind: str, name: str, known: tuple[str, ...]) -> PydanticCustomError:
    return wrong(f"unknown {kind} {name!r}", suggestion(name, known))


PLAINLY: Mapping[str, tuple[str, str]] = {
    "bool_type": ("this is yes or no", "write true or false"),
    "bool_parsing": ("this is yes or no", "write true or false"),
    "date_from_datetime_parsing": ("this is no day", "e.g. 2026-11-23"),
    "date_from_datetime_inexact": ("this is no day", "e.g. 2026-11-23"),
    "date_parsing": ("this is no day", "e.g. 2026-11-23"),
    "date_type": ("this is no day", "e.g. 2026-11-23"),
    "dict_type": ("this needs keys with values", "e.g. `{en: Hello, nl: Hallo}`"),
    "float_parsing": ("this is no number", ""),
    "float_type": ("this is no number", ""),
    "int_from_float": ("this is no whole number", ""),
    "int_parsing": ("this is no whole number", ""),
    "int_type": ("this is no whole number", ""),
    "list_type": ("this needs a list", "e.g. `[a, b]`"),
    "model_type": ("this needs keys with values", ""),
    "too_short": ("this is empty", "name at least one"),
    "tuple_type": ("this needs a list", "e.g. `[a, b]`"),
}
"""What pydantic finds, in words of the file rather than of Python."""


def from_pydantic(details: ErrorDetails, declared_keys: tuple[str, ...]) -> Iterator[Mistake]:
    """The mistakes in one pydantic error. `declared_keys` is what an unknown key may have meant."""
    path = tuple(part for part in details["loc"] if part != "[key]")
    context: dict[str, Any] = details.get("ctx", {})
    kind = details["type"]
    if kind == MISTAKES:
        for mistake in context["mistakes"]:
            yield Mistake((*path, *mistake.path), mistake.message, mistake.suggestion)
    elif kind == UNKNOWN_KEY:
        name = str(path[-1])
        close = meant_key(name, declared_keys)
        hint = "" if close is None else f"did you mean {close!r}?"
        yield Mistake(path, f"unknown key {name!r}", hint)
    elif kind == "missing":
        yield Mistake(path[:-1], f"{path[-1]!r} is missing")
    elif kind == "string_type":
        yield Mistake(path, "this is no text", _quoted(details["input"]))
    elif kind == "literal_error":
        choices = _choices(str(context["expected"]))
        found = str(details["input"])
        yield Mistake(path, f"{found!r} is not possible here", suggestion(found, choices))
    elif kind in PLAINLY:
        yield Mistake(path, *PLAINLY[kind])
    else:
        yield Mistake(path, f"{details['msg'][0].lower()}{details['msg'][1:]}")


def _choices(expected: str) -> tuple[str, ...]:
    """`'web', 'app' or 'phone'`, as pydantic lists them."""
    return tuple(choice.strip().strip("'") for choice in expected.replace(" or ", ",").split(","))


def meant_key(name: str, declared_keys: tuple[str, ...]) -> str | None:
    """The key that `name` probably was to be: another one, though `name` may be one elsewhere."""
    return meant(name, [key for key in declared_keys if key != name])


def _quoted(value: object) -> str:
    """YAML takes a bare `no`, `1` or `2026-11-23` for something else than text."""
    if isinstance(value, bool):
        return 'put it in quotes, e.g. "yes"'
    return f'put it in quotes: "{value}"' if isinstance(value, int | float) else ""
