"""Texts that people read: one for each language the catalogue declares, none forgotten."""

from __future__ import annotations

from string import Formatter
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from recommender.catalogue.mistakes import names_in, refuse, wrong
from recommender.rules.names import Mistake, suggestion


def in_every_language(text: dict[str, str], info: ValidationInfo) -> dict[str, str]:
    languages = names_in(info).languages
    missing = [language for language in languages if not text.get(language, "").strip()]
    undeclared = [language for language in text if language not in languages]
    mistakes = [
        Mistake((language,), f"language {language!r} is not declared", _declare(languages))
        for language in undeclared
    ]
    if missing:
        message = f"missing translation: {', '.join(missing)}"
        mistakes.append(Mistake((), message, f"add `{missing[0]}: ...`"))
    if mistakes:
        raise refuse(*mistakes)
    return text


def _declare(languages: tuple[str, ...]) -> str:
    return f"declared are: {', '.join(languages)}" if languages else "add it to `languages`"


Text = Annotated[dict[str, str], AfterValidator(in_every_language)]
"""Language to sentence."""


def filled_with(*placeholders: str) -> AfterValidator:
    """A text may have these placeholders and no others: `{title}`, but not `{titel}` or `{`."""

    def check(text: dict[str, str]) -> dict[str, str]:
        mistakes = placeholder_mistakes(text, placeholders)
        if mistakes:
            raise refuse(*mistakes)
        return text

    return AfterValidator(check)


def placeholder_mistakes(text: dict[str, str], known: tuple[str, ...]) -> list[Mistake]:
    """What in `text` is no sentence with only these placeholders."""
    return [
        Mistake((language,), problem, hint)
        for language, sentence in text.items()
        for problem, hint in _strange(sentence, known)
    ]


def _strange(sentence: str, placeholders: tuple[str, ...]) -> list[tuple[str, str]]:
    try:
        parts = list(Formatter().parse(sentence))
    except ValueError:
        return [("a brace is open or closed on its own", "write {{ for a brace itself")]
    return [
        (f"unknown placeholder {{{name}}}", suggestion(name, placeholders))
        for _, name, layout, conversion in parts
        if name is not None and (name not in placeholders or layout or conversion)
    ]


def _safe_address(url: str) -> str:
    if (url.startswith("/") and not url.startswith("//")) or url.startswith("https://"):
        return url
    raise wrong(f"{url!r} is no address of a page", "write `/path` or `https://...`")


Url = Annotated[str, AfterValidator(_safe_address)]
"""A path on our own site, or https elsewhere; never a scheme that runs a script."""
