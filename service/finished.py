"""A finished answer, and the same as it is kept in Redis: bound to the state it was made from.

Kept, the first 8 bytes are a digest of the account's state and the next 8 say until when the
answer holds. So it is never served for another state, whoever wrote that state and whenever.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from struct import Struct

from recommender.account import Account
from recommender.answer import answer, encode_answer, with_withheld
from recommender.decide import decide
from recommender.live import Live
from service.query import Question

_HEAD = Struct(">8sd")  # digest of the state, valid until (seconds since 1970)


@dataclass(frozen=True, slots=True)
class Finished:
    """The JSON of an answer, true until `valid_until` (seconds since 1970)."""

    body: bytes
    valid_until: float

    def sealed(self, state: bytes) -> bytes:
        """As it is kept in Redis; `state` are the bytes it was made from."""
        return _HEAD.pack(_digest(state), self.valid_until) + self.body

    def ttl_ms(self, now: float, most_s: float) -> int:
        """How long to keep it; 0 when it is not worth it."""
        return max(0, int(min(self.valid_until - now, most_s) * 1000))


def finish(
    account: Account, question: Question, live: Live, now: float, *, degraded: bool = False
) -> Finished:
    """Decide and put it in words. The service and the publisher both answer with this."""
    decision = decide(account, question.at(now), live)
    said = answer(decision, live, degraded=degraded)
    if question.explain:
        said = with_withheld(said, decision, account, live)
    return Finished(encode_answer(said), decision.valid_until.timestamp())


def unseal(sealed: bytes, state: bytes, now: float) -> bytes | None:
    """The body of a kept answer, if it was made from this state and still holds at `now`."""
    if len(sealed) <= _HEAD.size:
        return None
    digest, valid_until = _HEAD.unpack_from(sealed)
    if now >= valid_until or digest != _digest(state):
        return None
    return sealed[_HEAD.size :]


def _digest(state: bytes) -> bytes:
    return blake2b(state, digest_size=8).digest()
