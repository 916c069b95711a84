"""The names a rule may use, read from the raw catalogue before anything in it is believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

NUMBERS = ("age", "tenure_years")
"""Facts every account has without being declared; both count whole years."""

MOST_YEARS = 130
"""Nobody is older."""


@dataclass(frozen=True)
class Mistake:
    """One mistake below some node: the path from there, what is wrong, and how to mend it."""

    path: tuple[str | int, ...]
    message: str
    suggestion: str = ""


@dataclass(frozen=True)
class AttributeName:
    """What a rule must know of an attribute: its type, its values, and whether it may be used."""

    type: str
    values: tuple[str, ...] = ()
    uses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Names:
    """Every name declared in one catalogue."""

    attributes: Mapping[str, AttributeName] = field(default_factory=dict)
    products: tuple[str, ...] = ()
    product_types: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    features: tuple[str, ...] = ()

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Names:
        """The names in a raw catalogue; what is malformed has no names, and is reported later."""
        products = mapping_in(raw, "products")
        attributes = {
            name: AttributeName(
                type=str(declared.get("type", "")),
                values=strings_in(declared, "values"),
                uses=frozenset(strings_in(declared, "uses")),
            )
            for name, declared in mapping_in(raw, "attributes").items()
            if isinstance(declared, dict)
        }
        numbers = (name for name in NUMBERS if mapping_in(raw, "features").get(name))
        types = (item.get("type") for item in products.values() if isinstance(item, dict))
        return cls(
            attributes=attributes,
            products=tuple(products),
            product_types=tuple(dict.fromkeys(str(name) for name in types)),
            domains=tuple(mapping_in(raw, "domains")),
            actions=tuple(mapping_in(raw, "actions")),
            languages=strings_in(raw, "languages"),
            features=(
                *numbers,
                *(name for name, known in attributes.items() if "model" in known.uses),
            ),
        )

    @property
    def facts(self) -> tuple[str, ...]:
        """Names a comparison may use: attributes of use `policy`, and the built-in numbers."""
        usable = (name for name, known in self.attributes.items() if "policy" in known.uses)
        return (*NUMBERS, *usable)


def suggestion(name: str, known: Iterable[str]) -> str:
    """`did you mean 'age'?`, or the names there are, or nothing when there are none."""
    choices = list(known)
    close = meant(name, choices)
    if close is not None:
        return f"did you mean {close!r}?"
    return f"there are: {', '.join(choices)}" if choices else ""


def meant(name: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `name` probably was to be."""
    close = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return close[0] if close else None


def mapping_in(raw: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The mapping under `key`, its keys as text; empty where there is none."""
    value = raw.get(key)
    return {str(name): item for name, item in value.items()} if isinstance(value, dict) else {}


def strings_in(raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """The list under `key` as text; empty where there is none."""
    value = raw.get(key)
    return tuple(str(item) for item in value) if isinstance(value, list) else ()
