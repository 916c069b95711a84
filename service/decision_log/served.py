"""A served answer on its way to the log: no more than the service has at hand anyway."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec


class Served(NamedTuple):
    """`key` says what was asked, of which version (`keyspace.decision`), `state` and `body` are the
    bytes as Redis had them and as they were sent.
    """

    key: str
    explain: bool
    state: bytes
    body: bytes


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[Served, ...])


def pack_served(served: Sequence[tuple[str, bool, bytes, bytes]]) -> bytes:
    return _encoder.encode(served)


def unpack_served(packed: bytes) -> tuple[Served, ...]:
    """Raises msgspec.DecodeError."""
    return _decoder.decode(packed)
