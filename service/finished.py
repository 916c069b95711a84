"""A finished answer, and the same as it is kept in Redis: bound to the state it was made from.

Kept, the first 8 bytes are a digest of the account's state and the next 8 say until when the
answer holds. So it is never served for another state, whoever wrote that state and whenever.
That time is negative once the decision was put on its way to the decision log, so that each is
logged when it is first served, and not again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from struct import Struct
from typing import NamedTuple

from recommender.account import Account
from recommender.answer import answer, encode_answer
from recommender.decide import decide_all
from recommender.explanation import explained
from recommender.live import Live
from recommender.request import Request
from service.query import Question

_HEAD = Struct(">8sd")  # digest of the state, valid until (seconds since 1970)
_SIGN, _NEGATIVE = 8, 0x80  # the byte of the head, and its bit, that make that time negative


class Finished(NamedTuple):
    """The JSON of an answer, true until `valid_until` (seconds since 1970)."""

    body: bytes
    valid_until: float

    def sealed(self, state: bytes, *, logged: bool = False) -> bytes:
        """As it is kept in Redis; `state` are the bytes it was made from."""
        until = -self.valid_until if logged else self.valid_until
        return _HEAD.pack(_digest(state), until) + self.body

    def ttl_ms(self, now: float, most_s: float) -> int:
        """How long to keep it; 0 when it is not worth it."""
        return max(0, int(min(self.valid_until - now, most_s) * 1000))


def finish(
    account: Account, question: Question, live: Live, now: float, *, degraded: bool = False
) -> Finished:
    """Decide about one account and put it in words."""
    return finish_all([(account, question)], live, now, degraded=degraded)[0]


def finish_all(
    asked: Sequence[tuple[Account, Question]],
    live: Live,
    now: float,
    *,
    states: Sequence[bytes | None] = (),
    degraded: bool = False,
) -> list[Finished]:
    """Decide about each and put it in words. The service and the publisher both answer with this.

    `states`: what each account was unpacked from, or was packed as, where that is at hand.
    Together costs less than one by one: see `recommender.stages`.
    """
    decisions = decide_all(_requests(asked, now), live, states)
    answers = [answer(decision, live, degraded=degraded) for decision in decisions]
    for place, (account, question) in enumerate(asked):
        if question.explain:
            answers[place] = explained(answers[place], decisions[place], account, live)
    return [
        Finished(encode_answer(said), decision.valid_until.timestamp())
        for said, decision in zip(answers, decisions, strict=True)
    ]


def _requests(
    asked: Sequence[tuple[Account, Question]], now: float
) -> Iterator[tuple[Account, Request]]:
    """Who asks the same as the one before asks it in the same request."""
    latest = request = None
    for account, question in asked:
        if question is not latest or request is None:
            latest, request = question, question.at(now)
        yield account, request


def unseal(sealed: bytes, state: bytes, now: float) -> bytes | None:
    """The body of a kept answer, if it was made from this state and still holds at `now`."""
    if len(sealed) <= _HEAD.size:
        return None
    digest, valid_until = _HEAD.unpack_from(sealed)
    if now >= abs(valid_until) or digest != _digest(state):
        return None
    return sealed[_HEAD.size :]


def body_in(sealed: bytes) -> bytes:
    """The body of a kept answer, whether it still holds or not."""
    return sealed[_HEAD.size :]


def is_logged(sealed: bytes) -> bool:
    """Whether the decision in a kept answer needs no logging any more."""
    return sealed[_SIGN] >= _NEGATIVE


def as_logged(sealed: bytes, now: float, most_s: float) -> tuple[bytes, int]:
    """A kept answer that was just put on its way to the log, and its `ttl_ms`."""
    digest, valid_until = _HEAD.unpack_from(sealed)
    made = Finished(sealed[_HEAD.size :], valid_until)
    return _HEAD.pack(digest, -valid_until) + made.body, made.ttl_ms(now, most_s)


def _digest(state: bytes) -> bytes:
    return blake2b(state, digest_size=8).digest()
