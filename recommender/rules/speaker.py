"""A speaker: phrases of one language, and the catalogue's own names for what rules speak of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from recommender.rules.conditions import (
    BrokenPromise,
    Compare,
    DaysSince,
    HeldBefore,
    Holds,
    InterestAtLeast,
    Journey,
    Unfinished,
)
from recommender.rules.phrases import DEFAULT, PHRASES
from recommender.words import amount

if TYPE_CHECKING:
    from recommender.catalogue import Catalogue


class Speaker:
    def __init__(self, catalogue: Catalogue, language: str) -> None:
        self.catalogue = catalogue
        self.language = language
        self.phrases = PHRASES.get(language, PHRASES[DEFAULT])

    def say(self, phrase: str, **filled: object) -> str:
        return self.phrases[phrase].format(**filled)

    def either(self, values: Iterable[object]) -> str:
        """`low, middle or high`."""
        *most, last = [str(value) for value in values]
        return self.say("or").join([", ".join(most), last] if most else [last])

    def name(self, attribute: str) -> str:
        declared = self.catalogue.attributes.get(attribute)
        label = declared.label.get(self.language) if declared else self.phrases.get(attribute)
        return label or _spoken(attribute)

    def value(self, attribute: str, value: object) -> str:
        if isinstance(value, bool):
            return self.say("yes" if value else "no")
        declared = self.catalogue.attributes.get(attribute)
        labels = declared.value_labels.get(str(value), {}) if declared else {}
        return labels.get(self.language) or _spoken(str(value))

    def values(self, condition: Compare) -> list[str]:
        return [self.value(condition.name, operand) for operand in condition.operands]

    def range(self, condition: Compare, *, outside: bool = False) -> str:
        """The values that a comparison wants: `18 or more`, `low, middle or high`."""
        said = self.values(condition)
        phrase = "outside" if outside else condition.operator.value
        return self.say(phrase, first=said[0], last=said[-1], values=self.either(said))

    def cases(self, condition: BrokenPromise) -> str:
        return self.either(self.say(kind) for kind in condition.kinds)

    def titles(self, condition: Holds | HeldBefore | Unfinished) -> str:
        catalogue = self.catalogue
        if isinstance(condition, Holds) and condition.domain is not None:
            return self.text(catalogue.domains[condition.domain].title)
        return self.either(
            self.text(catalogue.products[product].title) for product in condition.products
        )

    def title(self, condition: InterestAtLeast | Journey) -> str:
        if isinstance(condition, Journey):
            return self.text(self.catalogue.domains[condition.domain].title)
        declared = self.catalogue.domains if condition.is_domain else self.catalogue.products
        return self.text(declared[condition.subject].title)

    def stages(self, stages: Iterable[str]) -> str:
        return self.either(self.say(f"stage_{stage}") for stage in stages)

    def event(self, condition: DaysSince) -> str:
        """What days are counted since: `Savings account opened`, `complaint closed`."""
        subject = condition.subject
        product = self.catalogue.products.get(subject)
        about = self.text(product.title) if product else self.phrases.get(subject, "")
        return self.say(f"event_{condition.happening.value}", about=about)

    def days(self, condition: DaysSince) -> str:
        """`30 or more`."""
        first, last = condition.days[0], condition.days[-1]
        return self.say(condition.operator.value, first=first, last=last)

    def ordinal(self, number: int) -> str:
        """`18th`, `21st`; `18e` in Dutch."""
        if self.language == "nl":
            return f"{number}e"
        teen = number % 100 in {11, 12, 13}
        return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"

    def money(self, minor: int) -> str:
        return f"{'-' if minor < 0 else ''}{amount(minor, self.catalogue.currency)}"

    def level(self, name: str) -> str:
        """Levels with names of the catalogue's own are said as they are."""
        return self.phrases.get(name) or _spoken(name)

    def often(self, name: str) -> str:
        return self.phrases.get(f"often_{name}") or f"({_spoken(name)})"

    def text(self, text: dict[str, str]) -> str:
        return text.get(self.language) or next(iter(text.values()))


def _spoken(identifier: str) -> str:
    return identifier.replace("_", " ")
