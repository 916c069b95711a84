"""From a question about an account to the bytes of an answer, with one round trip to Redis.

A finished answer is kept in Redis under the versions that made it and bound to the state it was
made from; when either differs the answer is made anew. When Redis is away the answer rests on
nothing but what is in force, and says so: `degraded`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from recommender import keyspace
from recommender.account import Account, unpack
from recommender.answer import Answer, answer, encode_answer, with_withheld
from recommender.decide import decide
from recommender.decision import Decision
from recommender.errors import StateError
from recommender.live import Live
from recommender.request import Request
from service.errors import NothingInForce, StoreUnavailable
from service.follower import Follower
from service.query import Question, read_question
from service.sealed import seal, unseal
from service.store.reader import Reader

logger = logging.getLogger(__name__)

MOST_QUESTIONS = 1024
"""Frontends ask few different questions, so a parsed one is kept; hostile ones do not add up."""


@dataclass(slots=True)
class Tally:
    """How answers came about, since the start."""

    cached: int = 0
    computed: int = 0
    unknown: int = 0
    degraded: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """An account, and what `decide` says about it.

    `account` is None when there is none, or, with a degraded answer, when we cannot know.
    """

    account: Account | None
    answer: Answer
    live: Live

    @property
    def missing(self) -> bool:
        return self.account is None and not self.answer.degraded


@dataclass
class Decisions:
    """Answers questions. `decision_ttl_s` bounds how long Redis keeps an answer nobody asks for."""

    reader: Reader
    follower: Follower
    decision_ttl_s: int
    clock: Callable[[], float] = time.time
    tally: Tally = field(default_factory=Tally)
    _questions: dict[bytes, Question] = field(default_factory=dict)
    _questions_for: Live | None = None

    def in_force(self) -> Live:
        """Raises NothingInForce."""
        live = self.follower.live
        if live is None:
            raise NothingInForce("nothing is published yet: run `raak publish`")
        return live

    def question(self, query: bytes, live: Live) -> Question:
        """The question in a query string. Raises BadRequest."""
        if live is not self._questions_for or len(self._questions) >= MOST_QUESTIONS:
            self._questions, self._questions_for = {}, live
        question = self._questions.get(query)
        if question is None:
            question = self._questions[query] = read_question(query, live)
        return question

    async def body(self, account_id: str, question: Question, live: Live) -> bytes:
        """The JSON of the answer: from Redis when it still holds, else made now."""
        decision_key = keyspace.decision(
            account_id,
            live.version,
            question.placement,
            question.channel,
            question.key_language,
            question.limit,
        )
        try:
            pointer, state, sealed = await self.reader.read(
                keyspace.state(account_id), decision_key
            )
        except StoreUnavailable:
            return self._degraded(account_id, question, live)
        if pointer is None:  # Redis was emptied: what it does not know says nothing
            return self._degraded(account_id, question, live)
        if state is None:
            self.tally.unknown += 1
            return self._say(Account.unknown(account_id), question, live)[1]
        now = self.clock()
        if sealed is not None and not question.explain:
            body = unseal(sealed, state, now)
            if body is not None:
                self.tally.cached += 1
                return body
        try:
            account = unpack(state)
        except StateError as error:
            self._unreadable(error)
            return self._degraded(account_id, question, live)
        self.tally.computed += 1
        decision, body = self._say(account, question, live)
        if not question.explain:
            self._keep(decision_key, state, decision, body, now)
        return body

    async def picture(self, account_id: str, question: Question, live: Live) -> Picture:
        """All there is to know about an account, and what is withheld from it."""
        account: Account | None = None
        try:
            # the pointer stands in for a decision that is not wanted: it is small
            pointer, state, _ = await self.reader.read(keyspace.state(account_id), keyspace.LIVE)
            account = unpack(state) if state is not None else None
            degraded = pointer is None
        except StateError as error:
            self._unreadable(error)
            degraded = True
        except StoreUnavailable:
            degraded = True
        if degraded:
            account = None
        asked = account or Account.unknown(account_id)
        decision = decide(asked, self._request(question), live)
        said = answer(decision, live, degraded=degraded)
        return Picture(account, with_withheld(said, decision, asked, live), live)

    def _say(
        self, account: Account, question: Question, live: Live, *, degraded: bool = False
    ) -> tuple[Decision, bytes]:
        decision = decide(account, self._request(question), live)
        said = answer(decision, live, degraded=degraded)
        if question.explain:
            said = with_withheld(said, decision, account, live)
        return decision, encode_answer(said)

    def _degraded(self, account_id: str, question: Question, live: Live) -> bytes:
        self.tally.degraded += 1
        return self._say(Account.unknown(account_id), question, live, degraded=True)[1]

    def _request(self, question: Question) -> Request:
        return Request(
            at=datetime.fromtimestamp(self.clock(), UTC),
            placement=question.placement,
            channel=question.channel,
            language=question.language,
            limit=question.limit,
        )

    def _keep(self, key: str, state: bytes, decision: Decision, body: bytes, now: float) -> None:
        valid_until = decision.valid_until.timestamp()
        ttl_s = min(valid_until - now, self.decision_ttl_s)
        if ttl_s > 0:
            self.reader.write_later(key, seal(state, valid_until, body), int(ttl_s * 1000) + 1)

    def _unreadable(self, error: StateError) -> None:
        if not self.tally.unreadable:
            logger.error("%s", error)
        self.tally.unreadable += 1
