"""Texts that people read: one for each language the catalogue declares, none forgotten."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from recommender.rules.names import Names, suggestion

MISTAKES = "raak_mistakes"
"""The pydantic error type under which Raak's own mistakes travel, hint in the context."""


def names_in(info: ValidationInfo) -> Names:
    """The names of the catalogue being read; validation always runs with them in its context."""
    names: Names = info.context["names"] if info.context else Names()
    return names


def wrong(message: str, hint: str = "") -> PydanticCustomError:
    return PydanticCustomError(MISTAKES, "{message}", {"message": message, "hint": hint})


def _in_every_language(text: dict[str, str], info: ValidationInfo) -> dict[str, str]:
    languages = names_in(info).languages
    missing = [language for language in languages if not text.get(language, "").strip()]
    if missing:
        raise wrong(f"missing translation: {', '.join(missing)}", f"add `{missing[0]}: ...`")
    unknown = [language for language in text if language not in languages]
    if unknown:
        raise wrong(f"language {unknown[0]!r} is not declared", suggestion(unknown[0], languages))
    return text


Text = Annotated[dict[str, str], AfterValidator(_in_every_language)]
"""Language to sentence."""
