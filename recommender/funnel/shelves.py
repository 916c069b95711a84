"""Products side by side that ask much the same, so that they are judged at once.

Of the things that a few products ask, people differ in some dozens of ways, whatever else they
differ in. So what becomes of all products of a shelf is worked out once for each of these ways, and
an account costs a lookup for each shelf.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

from recommender.decision import Withheld
from recommender.funnel.candidates import Candidate

MOST_BITS = 25
"""So many things one shelf asks at most: fewer make more shelves, more make more ways."""

MOST_WAYS = 5_000
"""Ways that a shelf remembers before it forgets all of them."""


class Judged(NamedTuple):
    """Who of a shelf passes, and why the others do not; both in the catalogue's order."""

    stays: tuple[Candidate, ...]
    stopped: tuple[Withheld, ...]


class Shelf(dict[int, Judged]):
    """From those bits of `asks` that failed to what becomes of its `candidates`."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        super().__init__()
        self.candidates = tuple(candidates)
        self.asks = reduce(or_, (item.required for item in candidates), 0)

    def __missing__(self, failed: int) -> Judged:
        stopped = (item.stopped(failed) for item in self.candidates)
        found = Judged(
            tuple(item for item in self.candidates if not item.required & failed),
            tuple(why for why in stopped if why is not None),
        )
        if len(self) >= MOST_WAYS:
            self.clear()
        return self.setdefault(failed, found)


def shelves_of(candidates: Sequence[Candidate]) -> tuple[Shelf, ...]:
    """As few as there may be, each with as many of the next as together ask `MOST_BITS`."""
    shelves: list[list[Candidate]] = []
    asked = 0
    for item in candidates:
        if not shelves or (asked | item.required).bit_count() > MOST_BITS:
            shelves.append([])
            asked = 0
        shelves[-1].append(item)
        asked |= item.required
    return tuple(map(Shelf, shelves))
