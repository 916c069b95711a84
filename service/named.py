"""Stored structs are arrays without names, some of them packed; people read names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from recommender.account import Account
from recommender.errors import StateError
from recommender.money.finances import Finances, unpack_finances


def named(value: Any) -> Any:
    """`value` with every struct in it as a dict by field."""
    match value:
        case Account():
            return {**_fields(value), "finances": named(_finances(value))}
        case msgspec.Struct():
            return _fields(value)
        case tuple() | list():
            return [named(item) for item in value]
        case Mapping():
            return {key: named(item) for key, item in value.items()}
    return value


def _fields(value: msgspec.Struct) -> dict[str, Any]:
    return {name: named(getattr(value, name)) for name in value.__struct_fields__}


def _finances(account: Account) -> Finances | None:
    """None where there are none, or those of another version."""
    try:
        return unpack_finances(account.finances) if account.finances else None
    except StateError:
        return None
