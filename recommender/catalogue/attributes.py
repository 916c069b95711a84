"""Attributes: what is known about a person, what it may be used for, and how it is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from recommender.catalogue.base import Declared, identifier
from recommender.catalogue.mistakes import names_in, refuse, wrong
from recommender.catalogue.texts import Text, in_every_language
from recommender.features import CROSS, Bins
from recommender.rules.names import NUMBERS, Mistake, suggestion
from recommender.rules.parse import FORMS
from recommender.tables import ACCOUNTS

TOKEN_PREFIXES = ("account", "holds", "interest", "views")

AttributeId = Annotated[str, identifier(*NUMBERS, *FORMS, *TOKEN_PREFIXES, *ACCOUNTS.names)]
"""Not the name of a condition, of a fact every account has, or of another column."""

Use = Literal["model", "policy", "audit"]


def ascending(bins: tuple[int, ...]) -> tuple[int, ...]:
    if list(bins) != sorted(set(bins)):
        raise wrong("bins must ascend", f"{sorted(set(bins))}?")
    return bins


AscendingBins = Annotated[tuple[int, ...], AfterValidator(ascending)]
"""Lower bounds, ascending; what is below the first is a bin of its own."""


def _label(text: dict[str, str], info: ValidationInfo) -> dict[str, str]:
    """Only what rules may speak of must have a label."""
    return in_every_language(text, info) if text or _spoken_of(info) else text


def _spoken_of(info: ValidationInfo) -> bool:
    return "policy" in info.data.get("uses", ())


class Attribute(Declared):
    """A fact about a person. `values` are a category's, `bins` a number's.

    `value_labels` name values in the words of a rule; `reasons` are sentences for what the model
    saw, by value (`yes` and `no`, or the label of a bin such as `1-2`): what has none is not said.
    """

    type: Literal["category", "integer", "boolean"]
    uses: tuple[Use, ...] = Field(min_length=1)
    values: tuple[str, ...] = Field(default=(), validate_default=True)
    bins: AscendingBins = Field(default=(), validate_default=True)
    label: Annotated[dict[str, str], AfterValidator(_label)] = Field(
        default_factory=dict, validate_default=True
    )
    value_labels: dict[str, Text] = Field(default_factory=dict, validate_default=True)
    reasons: dict[str, Text] = Field(default_factory=dict)

    @field_validator("uses")
    @classmethod
    def _audit_alone(cls, uses: tuple[Use, ...]) -> tuple[Use, ...]:
        if "audit" in uses and len(uses) > 1:
            raise wrong(
                "an attribute for audit has no other use", "keep `uses: [audit]`, or drop audit"
            )
        return uses

    @field_validator("values")
    @classmethod
    def _values_of_a_category(
        cls, values: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        kind = info.data.get("type")
        if kind == "category" and not values:
            raise wrong("a category needs its values", "add `values: [...]`")
        if kind in {"integer", "boolean"} and values:
            raise wrong(f"type {kind} has no values of its own", "leave them out")
        mistakes = [
            Mistake((index,), f"{value!r} stands twice", "leave one out")
            for index, value in enumerate(values)
            if value in values[:index]
        ]
        mistakes += [
            Mistake((index,), f"{value!r} has a {CROSS}, which joins values", "use another sign")
            for index, value in enumerate(values)
            if CROSS in value
        ]
        if mistakes:
            raise refuse(*mistakes)
        return values

    @field_validator("bins")
    @classmethod
    def _bins_of_a_number(cls, bins: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
        kind = info.data.get("type")
        if kind == "integer" and "model" in info.data.get("uses", ()) and not bins:
            raise wrong("a number the model sees needs bins", "add `bins: [...]`")
        if kind in {"category", "boolean"} and bins:
            raise wrong(f"type {kind} has no bins", "leave them out")
        return bins

    @field_validator("value_labels")
    @classmethod
    def _labels_of_values(
        cls, labels: dict[str, dict[str, str]], info: ValidationInfo
    ) -> dict[str, dict[str, str]]:
        values = info.data.get("values")
        if values is None:
            return labels
        mistakes = _strangers(labels, values)
        if _spoken_of(info) and info.data.get("type") == "category" and names_in(info).languages:
            mistakes += [
                Mistake((), f"{value!r} has no label", f"add `{value}: {{...}}`")
                for value in values
                if value not in labels
            ]
        if mistakes:
            raise refuse(*mistakes)
        return labels

    @field_validator("reasons")
    @classmethod
    def _reasons_for_values(
        cls, reasons: dict[str, dict[str, str]], info: ValidationInfo
    ) -> dict[str, dict[str, str]]:
        known = _sayable(info.data)
        mistakes = [] if known is None else _strangers(reasons, known)
        if mistakes:
            raise refuse(*mistakes)
        return reasons


def _sayable(data: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The values that can have a reason; None while the declaration itself is wrong."""
    if not {"type", "values", "bins"} <= set(data):
        return None
    if data["type"] == "boolean":
        return ("no", "yes")
    if data["type"] == "integer":
        return Bins.of_integers(data["bins"]).labels if data["bins"] else ()
    values: tuple[str, ...] = data["values"]
    return values


def _strangers(given: Iterable[str], known: tuple[str, ...]) -> list[Mistake]:
    return [
        Mistake((name,), f"unknown value {name!r}", suggestion(name, known))
        for name in given
        if name not in known
    ]
