"""Which model is champion and how it became so: what the registry and the service both write down.

A ledger is its moves and nothing else; champion and challenger follow from them. The registry keeps
its ledger in a file, the service keeps moves in Redis until the registry takes them over.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from recommender.errors import ArtefactError, RaakError

SCHEMA = 1


class RegistryError(RaakError):
    """The registry has no such version, or cannot do what was asked; the text says why."""


class MoveKind(StrEnum):
    ADDED = "added"
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    REFUSED = "refused"


CROWNING = (MoveKind.PROMOTED, MoveKind.ROLLED_BACK)
"""The moves that make a version champion."""


class Move(msgspec.Struct, frozen=True):
    """One thing that happened to `version`. `at` is an instant in ISO 8601, UTC."""

    at: str
    kind: MoveKind
    version: str
    by: str
    previous: str | None = None
    """The champion until then."""
    reason: str | None = None
    """Why the gate was overruled."""
    findings: tuple[str, ...] = ()
    """What the gate held against it, with the numbers."""


class Card(msgspec.Struct, frozen=True):
    """A model that operators may put in force: it has passed the gate, or somebody answered for it.

    `previous` versions keep their card, so that going back needs no file.
    """

    version: str
    created_at: str
    data_window: dict[str, str]
    offered_at: str
    offered_by: str
    reason: str | None = None
    """Why the gate was overruled; None when it was passed."""


class Ledger(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All moves, oldest first."""

    schema: int = SCHEMA
    moves: tuple[Move, ...] = ()

    @property
    def champion(self) -> str | None:
        """The version that should be in force; None before the first promotion."""
        crowned = [move.version for move in self.moves if move.kind in CROWNING]
        return crowned[-1] if crowned else None

    @property
    def challenger(self) -> str | None:
        """The version added last, unless it has been champion since."""
        for move in reversed(self.moves):
            if move.kind is MoveKind.ADDED:
                return move.version
            if move.kind is MoveKind.PROMOTED:
                return None
        return None

    @property
    def before(self) -> str | None:
        """The champion that a rollback returns to: whom the present one replaced when promoted.

        Going back twice goes back two promotions, never forth again.
        """
        return next(reversed(self._way_back()[:-1]), None)

    def _way_back(self) -> list[str]:
        """The champions that stand, the present one last.

        A promotion adds one, going back takes off all that came after where it went.
        """
        stack: list[str] = []
        for move in self.moves:
            if move.kind is MoveKind.PROMOTED and stack[-1:] != [move.version]:
                if move.previous is not None and stack[-1:] != [move.previous]:
                    stack.append(move.previous)  # made champion where this ledger does not see
                stack.append(move.version)
            elif move.kind is MoveKind.ROLLED_BACK:
                while stack and stack[-1] != move.version:
                    stack.pop()
                stack = stack or [move.version]
        return stack

    def after(self, *moves: Move) -> Ledger:
        """With `moves` that it does not have yet, in the order of time."""
        fresh = [move for move in moves if move not in self.moves]
        return Ledger(self.schema, tuple(sorted((*self.moves, *fresh), key=lambda move: move.at)))

    def encode(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self)) + b"\n"


_decoder = msgspec.json.Decoder(Ledger)


def read_ledger(content: bytes, source: str) -> Ledger:
    """Parse what `Ledger.encode` wrote.

    Raises:
        ArtefactError: it is not that, or of another schema; `source` names the file.
    """
    try:
        ledger = _decoder.decode(content)
    except msgspec.DecodeError as error:
        raise ArtefactError(f"{source}: {error}; restore it from a copy") from None
    if ledger.schema != SCHEMA:
        raise ArtefactError(f"{source}: schema {ledger.schema}, this version reads {SCHEMA}")
    return ledger
