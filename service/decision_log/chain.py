"""`chain.jsonl`: one line for each file of the log, in the order in which they were written.

A line has the SHA-256 of its file and of the line before it. So whoever changes, removes or slips
in a file, or rewrites a line, breaks every line from there to the end, and whoever noted the last
line's hash, the *head*, elsewhere can tell a chain that was written anew or cut short.

    {"file":"day=2026-11-23/1-0_9-0.parquet","sha256":"1f3a...","previous":"0000..."}
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from service.decision_log.errors import BrokenChain

CHAIN: Final = "chain.jsonl"
GENESIS: Final = "0" * 64
"""What stands for the line before the first."""

PATTERNS: Final = ("day=*/[!.]*.parquet", "versions/[!.]*.bundle")
UNFINISHED: Final = ".new"


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file: `file` is its path in the log."""

    file: str
    sha256: str
    previous: str

    def encode(self) -> bytes:
        return msgspec.json.encode(self) + b"\n"


_decoder = msgspec.json.Decoder(Line)


class Told(NamedTuple):
    """A line, and its own hash."""

    line: Line
    hash: str


class Verified(NamedTuple):
    files: int
    head: str


def read_chain(root: Path) -> list[Told]:
    """Every whole line; what a crash left of one more is none. Raises BrokenChain."""
    try:
        text = (root / CHAIN).read_bytes()
    except FileNotFoundError:
        return []
    told: list[Told] = []
    head = GENESIS
    for number, raw in enumerate(text.splitlines(keepends=True), start=1):
        if not raw.endswith(b"\n"):
            break
        try:
            line = _decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise BrokenChain(
                f"{root / CHAIN}, line {number}: this is no line of a chain"
            ) from None
        if line.previous != head:
            raise BrokenChain(
                f"{root / CHAIN}, line {number} ({line.file}): the line before it is not the one "
                "that was there when it was written"
            )
        head = line_hash(raw)
        told.append(Told(line, head))
    return told


def verify(root: Path, head: str | None = None) -> Verified:
    """Every file is the one that was written, none is missing and none is there besides.

    May run while the log is being written. `head` is one that was noted before.

    Raises BrokenChain naming the first file that differs.
    """
    there = sorted(files(root))  # before the chain: a file's line is written before its name
    chain = read_chain(root)
    for told in chain:
        check(root, told.line)
    refuse_strangers(root, there, chain)
    if head is not None and head not in (GENESIS, *(told.hash for told in chain)):
        raise BrokenChain(
            f"{root / CHAIN}: no line has the hash {head[:64]}; it was cut or rewritten"
        )
    return Verified(len(chain), head_of(chain))


def refuse_strangers(root: Path, there: Iterable[str], chain: Iterable[Told]) -> None:
    """Raises BrokenChain when there is a file of which the chain does not know."""
    known = {told.line.file for told in chain}
    for name in there:
        if name not in known:
            raise BrokenChain(f"{root / name}: this file is not in the chain")


def check(root: Path, line: Line) -> None:
    """Raises BrokenChain when the file is not what the line says."""
    path = root / line.file
    if not path.exists() and hidden(path).exists():  # its name is about to be given
        path = hidden(path)
    try:
        found = file_hash(path)
    except FileNotFoundError:
        raise BrokenChain(f"{root / line.file}: this file is gone") from None
    if found != line.sha256:
        raise BrokenChain(f"{root / line.file}: this file is not the one that was written")


def files(root: Path) -> Iterator[str]:
    """The paths, in the log, of the files that make it up."""
    for pattern in PATTERNS:
        for path in root.glob(pattern):
            yield path.relative_to(root).as_posix()


def hidden(path: Path) -> Path:
    """What a file is called until its line is on disk."""
    return path.with_name(f".{path.name}{UNFINISHED}")


def head_of(chain: Sequence[Told]) -> str:
    return chain[-1].hash if chain else GENESIS


def line_hash(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
