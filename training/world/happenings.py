"""What is on record of people's doings: events as arrays, joined from many hands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np

from recommender.tables import EventKind
from training.world.draws import Codes, Flags, Rows
from training.world.window import Seconds

KINDS = tuple(EventKind)

NONE = -1
"""No product, no domain or no value."""


class Values:
    """Texts of `value` to codes, in the order in which they are first told."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def code(self, text: str) -> int:
        return self._codes.setdefault(text, len(self._codes))

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(self._codes)


def kind_code(kind: EventKind) -> int:
    return KINDS.index(kind)


@dataclass(frozen=True)
class Happenings:
    """Events, (m,) each: `kind` into KINDS, `product` and `domain` into the shelf's, or NONE.

    `value` is a code of the Values kept beside them, or NONE.
    """

    person: Rows
    at: Seconds
    kind: Codes
    product: Rows
    domain: Rows
    channel: Codes
    value: Rows

    def __len__(self) -> int:
        return len(self.person)

    def where(self, keep: Flags | Rows) -> Happenings:
        """Some of the events, or all in another order."""
        return Happenings(*(getattr(self, one.name)[keep] for one in fields(self)))

    @classmethod
    def of(
        cls,
        person: Rows,
        at: Seconds,
        kind: EventKind | Codes,
        *,
        channel: Codes,
        product: Rows | None = None,
        domain: Rows | None = None,
        value: Rows | None = None,
    ) -> Happenings:
        """Events of one kind, or of the kind given for each."""
        none = np.full(len(person), NONE, dtype=np.int64)
        if isinstance(kind, EventKind):
            kind = np.full(len(person), kind_code(kind), dtype=np.int8)
        return cls(
            person,
            at.astype(np.int64),
            kind,
            none if product is None else product,
            none if domain is None else domain,
            channel,
            none if value is None else value,
        )


def together(parts: Iterable[Happenings]) -> Happenings:
    """All events of `parts`, one part after the other; there may be no parts."""
    nothing = np.empty(0, dtype=np.int64)
    none = Happenings.of(nothing, nothing, nothing.astype(np.int8), channel=nothing.astype(np.int8))
    parts = [none, *parts]
    return Happenings(
        *(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Happenings))
    )
