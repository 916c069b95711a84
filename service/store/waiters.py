"""Who waits for a round trip, and what is made for them of what it read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar


class Read(NamedTuple):
    """What one round trip saw, all at the same instant."""

    pointer: bytes | None
    state: bytes | None
    decision: bytes | None


About = TypeVar("About")
Made = TypeVar("Made")
Make = Callable[[list[tuple[About, Read]]], Sequence[Made]]
"""What is made of the reads of one round trip: as many, in the same order."""


class Waiter(NamedTuple):
    """Someone who reads: the two keys, and what is to be made of them."""

    state_key: str
    decision_key: str
    make: Make[Any, Any]
    about: Any
    future: asyncio.Future[Any]


def hand_out(batch: Sequence[Waiter], values: Sequence[bytes | None]) -> None:
    """What one round trip read: the pointer, then for each of `batch` its two values in turn."""
    pointer = values[0]
    position = 1
    together: dict[Make[Any, Any], list[tuple[Waiter, Read]]] = {}
    for waiter in batch:
        read = Read(pointer, values[position], values[position + 1])
        together.setdefault(waiter.make, []).append((waiter, read))
        position += 2
    for make, members in together.items():
        _hand_to(members, make)


def _hand_to(members: list[tuple[Waiter, Read]], make: Make[Any, Any]) -> None:
    # a request may have been cancelled meanwhile, and its future with it
    waiting = [member for member in members if not member[0].future.done()]
    try:
        made = make([(waiter.about, read) for waiter, read in waiting])
    except Exception as error:  # noqa: BLE001  # whoever asked is told
        for waiter, _ in waiting:
            waiter.future.set_exception(error)
    else:
        for (waiter, _), one in zip(waiting, made, strict=True):
            waiter.future.set_result(one)


def as_read(asked: list[tuple[None, Read]]) -> list[Read]:
    return [read for _, read in asked]
