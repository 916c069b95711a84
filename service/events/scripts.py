"""The Lua scripts: each is one step that happens as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).with_name("lua")


def script(name: str) -> str:
    """The text of `lua/<name>.lua`."""
    return (_FOLDER / f"{name}.lua").read_text(encoding="utf-8")
