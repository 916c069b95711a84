"""The files that a catalogue is written in: one, or a catalogue and the policies beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from recommender.catalogue.source import Path, Source
from recommender.rules.names import Mistake, mapping_in, suggestion

RULES = "rules"
"""Named rules, which a policy file adds to one by one."""

POLICY_KEYS = (
    "policy_set", RULES, "policies", "assertions", "levers", "contact", "wishes", "exploration",
)  # fmt: skip
"""What may stand in a policy file: what business people change from one day to the next."""


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


@dataclass(frozen=True)
class Sources:
    """A catalogue's source, and that of its policies where they have a file of their own."""

    catalogue: Source
    policies: Source | None = None

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """Both as one: a policy file's keys take the catalogue's place, its named rules join."""
        values: dict[str, Any] = self.catalogue.values
        if self.policies is None:
            return values
        theirs = {name: self.policies.values[name] for name in self._taken}
        rules = theirs.get(RULES)
        if isinstance(rules, dict):
            theirs[RULES] = mapping_in(values, RULES) | rules
        return values | theirs

    @property
    def mistakes(self) -> Iterator[tuple[Source, Mistake]]:
        """What is wrong with either file as a file."""
        yield from ((self.catalogue, mistake) for mistake in self.catalogue.mistakes)
        if not self.catalogue.values and not self.catalogue.mistakes:
            yield self.catalogue, Mistake((), "the catalogue is empty")
        if self.policies is None:
            return
        yield from ((self.policies, mistake) for mistake in self.policies.mistakes)
        for name in self.policies.values:
            if name not in POLICY_KEYS:
                hint = suggestion(str(name), POLICY_KEYS)
                yield self.policies, Mistake((name,), f"{name!r} is not for a policy file", hint)

    def problems(self, found: Iterable[Mistake]) -> tuple[Problem, ...]:
        """Every mistake with its place, in the order of the files; `found` is in `values`."""
        mistakes = [*self.mistakes, *((self._of(item.path), item) for item in found)]
        mistakes.sort(key=lambda pair: (pair[0] is self.policies, pair[0].line_of(pair[1].path)))
        return tuple(_problem(mistake, source) for source, mistake in mistakes)

    @property
    def _taken(self) -> list[str]:
        """The keys of the policy file that count."""
        theirs = {} if self.policies is None else self.policies.values
        return [name for name in POLICY_KEYS if name in theirs]

    def _of(self, path: Path) -> Source:
        """The file that `path` of `values` stands in."""
        if self.policies is None or not path or path[0] not in self._taken:
            return self.catalogue
        if path[0] == RULES and path[:2] not in self.policies.lines:
            return self.catalogue
        return self.policies


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
