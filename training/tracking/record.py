"""run.json: all that a run depended on, with digests. Equal runs write equal bytes: no timings."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from recommender.catalogue import Catalogue
from recommender.errors import TableError
from recommender.tables import table_contracts
from training.tables.files import SUFFIXES, parts

RUN = "run.json"
SCHEMA = 1
LIBRARIES = ("lightfm-next", "numpy", "pandas", "scipy", "lightgbm", "scikit-learn")
ROOT = Path(__file__).parents[2]
PACKAGES = (ROOT / "recommender", ROOT / "training")
"""Our packages that a model's bytes depend on."""


class DataFile(msgspec.Struct, frozen=True):
    """One table as it was read."""

    sha256: str
    bytes: int


class CodeVersion(msgspec.Struct, frozen=True):
    """`commit` is None outside a checkout; `sources` digests the code that really ran."""

    raak: str
    commit: str | None
    sources: str
    python: str
    libraries: dict[str, str]


class RunRecord(msgspec.Struct, frozen=True):
    """One training run. `search` is what a search for settings tried, None without one."""

    version: str
    as_of: str
    seed: int
    config: dict[str, Any]
    catalogue_digest: str
    data_window: dict[str, str]
    tables: dict[str, DataFile]
    metrics: dict[str, Any]
    code: CodeVersion
    search: Any = None
    schema: int = SCHEMA

    def encode(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self, order="sorted")) + b"\n"


def data_files(directory: Path, catalogue: Catalogue) -> dict[str, DataFile]:
    """Size and digest of each table's files in `directory`, by their place in it.

    Raises:
        TableError: a log's files changed while they were read; try again.
    """
    names = [table.name for table in table_contracts(catalogue)]
    single = (directory / f"{name}{suffix}" for name in names for suffix in SUFFIXES)
    logs = (directory / name for name in names)
    paths = [path for path in single if path.is_file()]
    paths += [part for log in logs if log.is_dir() for part in parts(log)]
    try:
        return {path.relative_to(directory).as_posix(): _data_file(path) for path in paths}
    except FileNotFoundError as error:
        raise TableError(f"{error.filename} went away while it was read; try again") from None


def code_version(packages: Iterable[Path] = PACKAGES) -> CodeVersion:
    """Which code this is, as far as the results depend on it."""
    return CodeVersion(
        raak=version("raak"),
        commit=_commit(),
        sources=_digest_of(packages),
        python=platform.python_version(),
        libraries={name: version(name) for name in LIBRARIES},
    )


def _data_file(path: Path) -> DataFile:
    with path.open("rb") as file:
        return DataFile(hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)


def _digest_of(packages: Iterable[Path]) -> str:
    """sha256 (hex) over every Python file's place and content."""
    digest = hashlib.sha256()
    for package in packages:
        for path in sorted(package.rglob("*.py")):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(package.parent)} {content}\n".encode())
    return digest.hexdigest()


def _commit() -> str | None:
    """The checkout's commit; None where this is no checkout, or there is no git."""
    if not (ROOT / ".git").exists():
        return None
    try:
        told = subprocess.run(  # noqa: S603  # its arguments are ours
            ["git", "-C", str(ROOT), "rev-parse", "HEAD"],  # noqa: S607  # whichever git there is
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return told.stdout.strip()


def metrics_of(metrics: Mapping[str, Mapping[str, Mapping[str, float]]]) -> dict[str, float]:
    """A manifest's metrics by dotted name, the spaces of a trial's name as underscores.

    >>> metrics_of({"what came later": {"hybrid": {"ndcg_at_5": 0.7}}})
    {'what_came_later.hybrid.ndcg_at_5': 0.7}
    """
    return {
        f"{view.replace(' ', '_')}.{scorer}.{name}": value
        for view, scorers in metrics.items()
        for scorer, found in scorers.items()
        for name, value in found.items()
    }
