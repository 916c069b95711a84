"""A benchmark figure, and the file that all figures are written to."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

OUT = Path(__file__).parent / "out"
"""Where figures and downloads go; git ignores it."""


class Skipped(Exception):
    """A group cannot be measured here (no shared data, no wrk ...); the text says why."""


@dataclass(frozen=True)
class Figure:
    """One measured number. A figure without a bar always holds."""

    name: str
    value: float
    unit: str
    bar: float | None = None
    holds: bool = True


def measured(name: str, value: float, unit: str) -> Figure:
    """A figure that is reported, not judged."""
    return Figure(name, float(value), unit)


def at_least(name: str, value: float, unit: str, bar: float) -> Figure:
    """A figure that should not fall below `bar`."""
    return Figure(name, float(value), unit, float(bar), float(value) >= bar)


def at_most(name: str, value: float, unit: str, bar: float) -> Figure:
    """A figure that should not exceed `bar`."""
    return Figure(name, float(value), unit, float(bar), float(value) <= bar)


def shared_data(folder: str) -> Path:
    """The folder of a real data set under RAAK_SHARED_DATA, by default `../shared/data`.

    Raises:
        Skipped: the folder is not there.
    """
    root = os.environ.get("RAAK_SHARED_DATA")
    base = Path(root) if root else Path(__file__).parents[1].parent / "shared" / "data"
    directory = base / folder
    if not directory.is_dir():
        raise Skipped(f"no data in {directory} (set RAAK_SHARED_DATA)")
    return directory


def write_figures(path: Path, figures: Iterable[Figure], *, merge: bool) -> None:
    """Write `figures` as bench.json; with `merge`, keep those already there under other names.

    Each figure carries the commit it was measured at: those that were kept have an older one.
    A file that is not ours to read (truncated by an interrupted run) is replaced.
    """
    kept: dict[str, object] = {}
    if merge and path.exists():
        try:
            kept = json.loads(path.read_text())["figures"]
        except (json.JSONDecodeError, KeyError, TypeError):
            kept = {}
    measured_at = commit()
    fresh = {
        figure.name: {
            "value": figure.value,
            "unit": figure.unit,
            "bar": figure.bar,
            "holds": figure.holds,
            "commit": measured_at,
        }
        for figure in figures
    }
    record = {"commit": measured_at, "machine": machine(), "figures": {**kept, **fresh}}
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(record, indent=2) + "\n")
    unfinished.replace(path)


def commit() -> str:
    """The commit that was measured, marked `-dirty` when files differ from it."""
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return answer.stdout.strip()


def machine() -> str:
    """Processor, cores and Python, so that a figure can be compared with its like."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    )


def table(figures: Iterable[Figure]) -> str:
    """The figures as aligned text, one a line: name, value, unit and the bar."""
    rows = [
        (figure.name, number(figure.value), figure.unit, _verdict(figure)) for figure in figures
    ]
    width = max((len(name) for name, *_ in rows), default=0)
    return "\n".join(
        f"{name:<{width}}  {value:>10} {unit:<12} {verdict}".rstrip()
        for name, value, unit, verdict in rows
    )


def number(value: float) -> str:
    """Four significant digits, or whole with thousands apart."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _verdict(figure: Figure) -> str:
    if figure.bar is None:
        return ""
    return f"{'holds' if figure.holds else 'FAILS'}  bar {figure.bar:g}"
