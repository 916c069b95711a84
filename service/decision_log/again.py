"""Making a decision again: the same inputs, the same bundle, the same function."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from recommender.account import unpack
from recommender.answer import answer, encode_answer
from recommender.conform import conform
from recommender.decide import decide
from recommender.decision import Decision
from recommender.explanation import explained
from recommender.keyspace import Asked
from recommender.live import Live
from recommender.request import Request
from service.query import OWN_LANGUAGE


@dataclass(frozen=True, slots=True)
class Again:
    """The decision, and the body that it is sent as."""

    decision: Decision
    body: bytes

    @property
    def body_sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


def decide_again(state: bytes, asked: Asked, at: datetime, live: Live, *, explain: bool) -> Again:
    """What the service answered with, if nothing else went in. Raises RaakError."""
    account = unpack(state)
    unchanged = account.declares == live.catalogue.declares
    if not unchanged:
        account = conform(account, live.catalogue)
    request = Request(
        at=at,
        placement=asked.placement,
        channel=asked.channel,
        language=None if asked.language == OWN_LANGUAGE else asked.language,
        limit=asked.limit,
    )
    decision = decide(account, request, live, state if unchanged else None)
    said = answer(decision, live)
    if explain:
        said = explained(said, decision, account, live)
    return Again(decision, encode_answer(said))
