"""Load from outside: `wrk` asks as fast as it can, `hey` holds a rate. Both are Debian packages."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Skipped

CONNECTIONS = 16
THREADS = 2
SCRIPT = Path(__file__).with_name("accounts.lua")

UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True, slots=True)
class Load:
    """What one run measured: requests a second, and latencies in milliseconds."""

    rate: float
    p50_ms: float
    p99_ms: float


def tools() -> None:
    """Raises Skipped when wrk or hey is not installed."""
    missing = [name for name in ("wrk", "hey") if shutil.which(name) is None]
    if missing:
        raise Skipped(f"{' and '.join(missing)} not found: apt-get install {' '.join(missing)}")


def closed_loop(url: str, key: str, seconds: float, ids: Path | None = None) -> Load:
    """wrk: each connection asks again as soon as it is answered."""
    return read_wrk(_run(wrk(url, key, seconds, ids), seconds))


def wrk(url: str, key: str, seconds: float, ids: Path | None = None) -> list[str]:
    """The command. `ids`: each time another account, whose id takes the place of `ACCOUNT`."""
    arguments = ["wrk", "--latency", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds:g}s"]
    arguments += ["-H", f"X-API-Key: {key}"]
    if ids is not None:
        arguments += ["-s", str(SCRIPT)]
    arguments.append(url)
    if ids is not None:
        arguments += ["--", str(ids), str(THREADS)]
    return arguments


def held_rate(url: str, key: str, seconds: float, rate: float) -> Load:
    """hey: so many requests a second, whatever the answers take."""
    each = max(1, round(rate / CONNECTIONS))
    arguments = ["hey", "-z", f"{seconds:g}s", "-c", str(CONNECTIONS), "-q", str(each)]
    return read_hey(_run([*arguments, "-H", f"X-API-Key: {key}", url], seconds))


def read_wrk(said: str) -> Load:
    """What wrk prints with --latency. Raises RuntimeError unless every request was answered."""
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"not every request was answered:\n{said}")
    return Load(
        rate=float(_find(r"Requests/sec:\s+([\d.]+)", said)),
        p50_ms=_milliseconds(_find(r"\n\s+50%\s+(\S+)", said)),
        p99_ms=_milliseconds(_find(r"\n\s+99%\s+(\S+)", said)),
    )


def read_hey(said: str) -> Load:
    """What hey prints. Raises RuntimeError unless every request was answered."""
    answered = re.findall(r"\[(\d+)\]\s+\d+ responses", said)
    if answered != ["200"] or "Error distribution" in said:
        raise RuntimeError(f"not every request was answered:\n{said}")
    return Load(
        rate=float(_find(r"Requests/sec:\s+([\d.]+)", said)),
        p50_ms=1000 * float(_find(r"50%+ in ([\d.]+) secs", said)),
        p99_ms=1000 * float(_find(r"99%+ in ([\d.]+) secs", said)),
    )


def _run(arguments: list[str], seconds: float) -> str:
    return subprocess.run(
        arguments, capture_output=True, text=True, check=True, timeout=seconds + 30
    ).stdout


def _find(pattern: str, said: str) -> str:
    found = re.search(pattern, said)
    if found is None:
        raise RuntimeError(f"no {pattern!r} in:\n{said}")
    return found[1]


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()  # type: ignore[union-attr]  # wrk writes nothing else
    return float(number) * UNITS_MS[unit]
