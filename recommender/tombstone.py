"""What is kept of an erased account: enough to know it when it comes again, and no more.

Tombstones lie in Redis, where serving looks, and as a file beside the event log, where training
looks: one in hexadecimal a line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final

FILE: Final = "erased.txt"
"""Its name, in the directory of the event log."""

_is_tombstone = re.compile(r"[0-9a-f]{32}").fullmatch


def digest(account_id: str) -> bytes:
    """16 bytes, the same on every machine; who guesses an id can tell, so it is no secret."""
    return hashlib.blake2b(account_id.encode(), digest_size=16, person=b"raak-erased").digest()


def read_tombstones(text: str) -> frozenset[bytes]:
    """What `write_tombstones` wrote. Raises ValueError naming the first line that is none."""
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if _is_tombstone(line) is None:
            raise ValueError(f"line {number} is no tombstone: 32 hexadecimal digits")
    return frozenset(map(bytes.fromhex, lines))


def write_tombstones(tombstones: Iterable[bytes]) -> str:
    """In order of their digits, which says nothing about who was erased when."""
    return "".join(f"{one.hex()}\n" for one in sorted(tombstones))
