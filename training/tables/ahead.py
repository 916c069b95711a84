"""Reading on while what was read is worked on: two cores share a table's pieces."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Piece = TypeVar("Piece")


def one_ahead(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """`pieces` in their order, none of them None; the next is made while one is in use.

    Never more than one ahead, for memory. What making a piece raises is raised in its turn.
    """
    with ThreadPoolExecutor(1, "raak-tables") as reader:
        coming = reader.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = reader.submit(next, pieces, None)
            yield piece
            del piece  # or it would stay beside the next two
