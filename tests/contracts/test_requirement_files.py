"""The pinned requirement files install what pyproject.toml asks for, from whatever index is set."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[a-z,]+\])?==[A-Za-z0-9.+!]+( ; [^/\\:]+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def normal(name: str) -> str:
    """PEP 503's spelling of a distribution's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(path: Path) -> set[str]:
    matches = (PIN.fullmatch(line) for line in path.read_text().splitlines())
    return {normal(match["name"]) for match in matches if match}


def wanted(*extras: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines: list[str] = list(project["dependencies"])
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    return {normal(re.split(r"[\[<>=~! ]", line, maxsplit=1)[0]) for line in lines}


def test_the_three_files_are_there() -> None:
    assert [path.name for path in FILES] == ["dev.txt", "service.txt", "training.txt"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_line_is_a_pin_or_a_hash_so_no_address_or_path_can_hide(path: Path) -> None:
    strange = [
        line
        for line in path.read_text().splitlines()
        if not PIN.fullmatch(line) and not HASH.fullmatch(line)
    ]
    assert strange == []


@pytest.mark.parametrize(
    ("name", "extras"),
    [
        ("service.txt", ()),
        ("training.txt", ("training",)),
        ("dev.txt", ("training", "embedded", "search", "dev")),
    ],
)
def test_everything_pyproject_asks_for_is_pinned(name: str, extras: tuple[str, ...]) -> None:
    assert wanted(*extras) <= pinned(ROOT / "requirements" / name)


def test_the_serving_image_gets_neither_pandas_nor_anything_to_compile() -> None:
    assert pinned(ROOT / "requirements" / "service.txt").isdisjoint(
        {"pandas", "pyarrow", "scipy", "scikit-learn", "lightgbm", "lightfm-next", "matplotlib"}
    )
