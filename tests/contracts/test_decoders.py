"""Types that msgspec reads are made ready at import, by one thread.

msgspec looks into a Struct when it is first decoded. Two threads that do so at once, as the
worker's do with the bundle in force, end the process: one reads what the other has half made.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("recommender", "service", "training", "cli")


def decoded_by_type(tree: ast.AST) -> Iterator[int]:
    """The lines with `msgspec.….decode(…, type=…)` or `msgspec.convert(…)`, and so with no ready
    decoder.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called = ast.unparse(node.func)
            typed = any(keyword.arg == "type" for keyword in node.keywords)
            if called.startswith("msgspec.") and node.func.attr in {"decode", "convert"} and typed:
                yield node.lineno


def test_nothing_is_decoded_without_a_ready_decoder() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for line in decoded_by_type(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_a_decoder_made_on_the_way_would_be_found() -> None:
    assert list(decoded_by_type(ast.parse("a = 1\nmsgspec.json.decode(b'', type=A)"))) == [2]
