"""What the names of the event log's files say: `<first>_<last>.parquet`, ids on the stream.

The log is written by the service and read by training; this is all they need to agree on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

BEGINNING: Final = "0-0"
"""Before the first id on any stream."""

SUFFIX: Final = ".parquet"
"""What ends otherwise, or begins with a dot, is not part of the log."""


def order(entry_id: str) -> tuple[int, int]:
    """Stream ids (`<ms>-<sequence>`) in their order.

    >>> sorted(["12-1", "9-2", "12-0"], key=order)
    ['9-2', '12-0', '12-1']
    """
    milliseconds, _, sequence = entry_id.partition("-")
    return int(milliseconds), int(sequence or 0)


def after(entry_id: str) -> str:
    """The smallest id above `entry_id`."""
    milliseconds, sequence = order(entry_id)
    return f"{milliseconds}-{sequence + 1}"


@dataclass(frozen=True, slots=True)
class Span:
    """The ids of the first and last event that a file is about, both included."""

    first: str
    last: str

    @classmethod
    def of(cls, name: str) -> Self:
        """As a file's name, hidden or not, has it."""
        first, _, last = name.removeprefix(".").partition(".")[0].partition("_")
        return cls(first, last)

    def within(self, other: Span) -> bool:
        """Whether the other has all that this one has, and more."""
        return (
            self != other
            and order(other.first) <= order(self.first)
            and order(self.last) <= order(other.last)
        )

    def __str__(self) -> str:
        return f"{self.first}_{self.last}"


def superseded(names: Iterable[str]) -> frozenset[str]:
    """Of the files of one folder, those whose events are all in another: leftovers of merging.

    >>> sorted(superseded(["1-0_4-0.parquet", "1-0_2-0.parquet", "5-0_6-0.parquet"]))
    ['1-0_2-0.parquet']
    """
    spans = {name: Span.of(name) for name in names}
    return frozenset(
        name for name, span in spans.items() if any(span.within(other) for other in spans.values())
    )
