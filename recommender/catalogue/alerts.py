"""Kinds of alerts as people declare them: which fact, how long before, how loud, which words."""

from __future__ import annotations

import re
from datetime import UTC, time, tzinfo
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from recommender.account import MOST_RAISINGS
from recommender.alerts.facts import FACTS, OF_SOMEBODY, SITUATION
from recommender.catalogue.base import ActionName, Channel, Declared
from recommender.catalogue.mistakes import names_in, refuse, unknown, wrong
from recommender.catalogue.rule import When
from recommender.catalogue.texts import Text, placeholder_mistakes
from recommender.rules.forms import CASE_KINDS
from recommender.rules.names import Mistake, meant, suggestion

Severity = Literal["urgent", "warning", "notice"]
SEVERITIES: tuple[Severity, ...] = ("urgent", "warning", "notice")
"""The loudest first: that is the order in which alerts are shown."""


def _known_fact(name: str) -> str:
    if name not in FACTS:
        raise unknown("fact", name, tuple(FACTS))
    return name


class Worse(Declared):
    """How much worse it must get, both ways of counting, before the person is told again."""

    by_percent: int = Field(default=25, ge=0, le=1000)
    by_minor: int = Field(default=1_000, ge=1)

    def than(self, told_minor: int, now_minor: int) -> bool:
        """Whether what is at stake now is materially more than what was told."""
        more = now_minor - told_minor
        return more >= self.by_minor and more * 100 >= told_minor * self.by_percent


class AtMost(Declared):
    """No more than `times` alerts of a kind within `days`; the next one waits."""

    times: int = Field(ge=1, le=MOST_RAISINGS)
    days: int = Field(ge=1, le=366)


class AlertKind(Declared):
    """One kind. `about` narrows its fact to kinds of cases or to products, `statuses` to cases in
    these; `when` is a rule's condition that must be True besides.
    """

    fact: Annotated[str, AfterValidator(_known_fact)]
    about: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    within_days: int = Field(default=7, ge=0, le=92)
    """Lead time: how many days ahead it looks."""
    at_least_minor: int = Field(default=0, ge=0)
    severity: Severity
    when: When | None = Field(default=None, validate_default=True)
    worse: Worse = Worse()
    at_most: AtMost | None = None
    quiet_hours: Literal["kept", "exempt"] = "kept"
    remedy: ActionName | None = None
    title: Text
    message: Text
    unnamed: Text | None = None
    """Said instead of `message` where nobody can be named: money that runs out by itself."""

    @property
    def names_somebody(self) -> bool:
        """Whether there is nothing to say without a counterparty."""
        texts = self.message.values()
        return self.unnamed is None and any("{counterparty}" in text for text in texts)

    @field_validator("about")
    @classmethod
    def _of_the_fact(cls, about: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        fact = FACTS.get(info.data.get("fact", ""))
        if fact is None or not about:
            return about
        if fact.about is None:
            raise wrong(f"fact {info.data['fact']!r} cannot be narrowed", "leave `about` out")
        known = CASE_KINDS if fact.about == "cases" else names_in(info).products
        mistakes = [
            Mistake((place,), f"unknown {fact.about[:-1]} {name!r}", suggestion(name, known))
            for place, name in enumerate(about)
            if name not in known
        ]
        if mistakes:
            raise refuse(*mistakes)
        return about

    @field_validator("statuses")
    @classmethod
    def _of_cases(cls, statuses: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        fact = FACTS.get(info.data.get("fact", ""))
        if statuses and fact is not None and fact.about != "cases":
            raise wrong(f"fact {info.data['fact']!r} has no statuses", "leave them out")
        return statuses

    @field_validator("title", "message")
    @classmethod
    def _filled_by_the_fact(cls, text: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        fact = FACTS.get(info.data.get("fact", ""))
        mistakes = [] if fact is None else placeholder_mistakes(text, fact.fills)
        if mistakes:
            raise refuse(*mistakes)
        return text

    @field_validator("unnamed")
    @classmethod
    def _names_nobody(
        cls, text: dict[str, str] | None, info: ValidationInfo
    ) -> dict[str, str] | None:
        fact = FACTS.get(info.data.get("fact", ""))
        if fact is None or text is None:
            return text
        fills = tuple(name for name in fact.fills if name not in OF_SOMEBODY)
        if mistakes := placeholder_mistakes(text, fills):
            raise refuse(*mistakes)
        return text

    @model_validator(mode="after")
    def _says_when(self) -> AlertKind:
        if self.fact == SITUATION and self.when is None:
            raise wrong("a situation needs its condition", "add `when: ...`")
        return self


def _clock(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise wrong(f"{text!r} is no time of day", 'e.g. "22:00"')
    return text


Clock = Annotated[str, AfterValidator(_clock)]
"""Hours and minutes on the bank's clock, in quotes: YAML takes 22:00 for a number."""


class QuietHours(Declared):
    """From the first until just before the second, through midnight where that is earlier."""

    from_: Clock = Field(alias="from")
    until: Clock

    @field_validator("until")
    @classmethod
    def _ends(cls, until: str, info: ValidationInfo) -> str:
        if until == info.data.get("from_"):
            raise wrong("quiet hours that begin as they end", "leave them out, or change one")
        return until

    @property
    def begin(self) -> time:
        return time.fromisoformat(self.from_)

    @property
    def end(self) -> time:
        return time.fromisoformat(self.until)


class Push(Declared):
    """How alerts reach somebody who is not looking: through the channel that they prefer of
    `channels`, else the first of them.
    """

    quiet_hours: QuietHours | None = None
    channels: tuple[Channel, ...] = Field(default=("app",), min_length=1)


def _zone(name: str) -> str:
    try:
        zone_of(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: it names a folder
        zones = sorted(available_timezones())
        close = meant(name, zones)
        hint = f"did you mean {close!r}?" if close else "e.g. Europe/Amsterdam"
        if not zones:
            hint = "this machine knows none: install tzdata"
        raise wrong(f"unknown time zone {name!r}", hint) from None
    return name


Zone = Annotated[str, AfterValidator(_zone)]
"""Of the IANA data base: `Europe/Amsterdam`."""


def zone_of(name: str) -> tzinfo:
    """The zone called so; the same object each time."""
    return UTC if name == "UTC" else ZoneInfo(name)
