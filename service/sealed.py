"""A finished answer as it is kept in Redis: bound to the exact state it was made from.

The first 8 bytes are a digest of the account's state, the next 8 say until when it holds. So an
answer is never served for another state, whoever wrote that state and whenever.
"""

from __future__ import annotations

from hashlib import blake2b
from struct import Struct

_HEAD = Struct(">8sd")  # digest of the state, valid until (seconds since 1970)


def seal(state: bytes, valid_until: float, answer: bytes) -> bytes:
    return _HEAD.pack(blake2b(state, digest_size=8).digest(), valid_until) + answer


def unseal(sealed: bytes, state: bytes, now: float) -> bytes | None:
    """The answer, if it was made from this state and still holds at `now`."""
    if len(sealed) <= _HEAD.size:
        return None
    digest, valid_until = _HEAD.unpack_from(sealed)
    if now >= valid_until or digest != blake2b(state, digest_size=8).digest():
        return None
    return sealed[_HEAD.size :]
