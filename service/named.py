"""Stored structs are arrays without names; people read names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


def named(value: Any) -> Any:
    """`value` with every struct in it as a dict by field."""
    match value:
        case msgspec.Struct():
            return {name: named(getattr(value, name)) for name in value.__struct_fields__}
        case tuple() | list():
            return [named(item) for item in value]
        case Mapping():
            return {key: named(item) for key, item in value.items()}
    return value
