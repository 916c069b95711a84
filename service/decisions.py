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
from functools import partial
from itertools import groupby
from typing import NamedTuple

from recommender import keyspace
from recommender.account import Account, unpack
from recommender.answer import Answer, answer, encode_answer
from recommender.conform import conform
from recommender.decide import decide
from recommender.errors import StateError
from recommender.explanation import explained
from recommender.live import Live
from service.errors import NothingInForce, StoreUnavailable
from service.finished import Finished, as_logged, finish, finish_all, is_logged, unseal
from service.follower import Follower
from service.query import Question, read_question
from service.store.reader import Reader
from service.store.waiters import Read

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
    conformed: int = 0
    """Accounts whose attributes were read by another catalogue than the one in force."""
    faults: int = 0
    """Accounts that could not be decided about: bugs, each answered with the fallback."""


class Asked(NamedTuple):
    """One question about one account; `key` is where its answer is kept."""

    account_id: str
    question: Question
    live: Live
    key: str


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

    def __post_init__(self) -> None:
        self._logs = self.reader.outbox.on

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
        key = question.key(account_id, live)
        asked = Asked(account_id, question, live, key)
        try:
            return await self.reader.ask(keyspace.state(account_id), key, asked, self._bodies)
        except StoreUnavailable:
            return self._degraded(account_id, question, live)

    def _bodies(self, asked: list[tuple[Asked, Read]]) -> list[bytes]:
        """The answers of one round trip; those that have to be made are made together."""
        now = self.clock()
        at_hand = [self._at_hand(one, read, now) for one, read in asked]
        to_make = [
            (one, read.state)
            for (one, read), body in zip(asked, at_hand, strict=True)
            if body is None and read.state is not None
        ]
        made = iter(self._made(to_make, now))
        return [next(made) if body is None else body for body in at_hand]

    def _at_hand(self, asked: Asked, read: Read, now: float) -> bytes | None:
        """The answer for which nobody who is known has to be decided about, or None."""
        pointer, state, sealed = read
        account_id, question, live, key = asked
        if pointer is None:  # Redis was emptied: what it does not know says nothing
            return self._degraded(account_id, question, live)
        if state is None:
            self.tally.unknown += 1
            return finish(Account.unknown(account_id), question, live, now).body
        if sealed is None or question.explain:
            return None
        body = unseal(sealed, state, now)
        if body is not None:
            self.tally.cached += 1
            if self._logs and not is_logged(sealed):
                self._log_kept(key, state, sealed, body, now)
        return body

    def _made(self, asked: list[tuple[Asked, bytes]], now: float) -> list[bytes]:
        """Answers made of states, together; when one cannot be made, each for itself."""
        try:
            finished = self._finished(asked, now)
        except Exception:  # noqa: BLE001  # one is to blame: the others get their answers
            return [self._made_alone(one, state, now) for one, state in asked]
        self._keep_soon([(*one, made) for one, made in zip(asked, finished, strict=True)], now)
        return [made.body for made in finished]

    def _made_alone(self, asked: Asked, state: bytes, now: float) -> bytes:
        """The fallback when there is no deciding about this account: counted, and logged once."""
        try:
            (made,) = self._finished([(asked, state)], now)
        except StateError as error:
            self._unreadable(error)
        except Exception as error:  # noqa: BLE001  # the last line of defence: a page needs an answer
            self._fault(error)
        else:
            self._keep_soon([(asked, state, made)], now)
            return made.body
        return self._degraded(asked.account_id, asked.question, asked.live)

    def _finished(self, asked: list[tuple[Asked, bytes]], now: float) -> list[Finished]:
        finished: list[Finished] = []
        # what is in force may have changed while they waited for the same round trip
        for live, group in groupby(asked, key=lambda one: one[0].live):
            some = list(group)
            known = [self._account(state, live) for _, state in some]
            questions = [
                (account, one.question) for (account, _), (one, _) in zip(known, some, strict=True)
            ]
            finished += finish_all(questions, live, now, states=[state for _, state in known])
        return finished

    def _keep_soon(self, answers: list[tuple[Asked, bytes, Finished]], now: float) -> None:
        if answers:
            self.tally.computed += len(answers)
            self.reader.afterwards(partial(self._keep, answers, now))

    def _account(self, state: bytes, live: Live) -> tuple[Account, bytes | None]:
        """And its bytes, unless it had to be conformed. Raises StateError."""
        account = unpack(state)
        if account.declares == live.catalogue.declares:
            return account, state
        self.tally.conformed += 1
        return conform(account, live.catalogue), None

    async def picture(
        self, account_id: str, question: Question, live: Live, *, shown: bool = True
    ) -> Picture:
        """All there is to know about an account, and what is withheld from it.

        `shown` False: only alerts are shown of it, and nothing was decided to be offered.
        """
        account: Account | None = None
        unchanged: bytes | None = None
        try:
            # the pointer stands in for a decision that is not wanted: it is small
            pointer, state, _ = await self.reader.read(keyspace.state(account_id), keyspace.LIVE)
            if state is not None:
                account, unchanged = self._account(state, live)
            degraded = pointer is None
        except StateError as error:
            self._unreadable(error)
            degraded = True
        except StoreUnavailable:
            degraded = True
        if account is not None and not degraded:
            try:
                pictured = self._pictured(account, account, question, live, unchanged)
                if shown and self._logs and state is not None:
                    body = encode_answer(pictured.answer)
                    self.reader.log_later((question.key(account_id, live), True, state, body))
                return pictured
            except Exception as error:  # noqa: BLE001  # as in `_made`
                self._fault(error)
                degraded = True
        if degraded:
            self.tally.degraded += 1
        nobody = Account.unknown(account_id)
        return self._pictured(None, nobody, question, live, degraded=degraded)

    def _pictured(
        self,
        known: Account | None,
        asked: Account,
        question: Question,
        live: Live,
        state: bytes | None = None,
        *,
        degraded: bool = False,
    ) -> Picture:
        decision = decide(asked, question.at(self.clock()), live, state)
        said = answer(decision, live, degraded=degraded)
        return Picture(known, explained(said, decision, asked, live), live)

    def _degraded(self, account_id: str, question: Question, live: Live) -> bytes:
        self.tally.degraded += 1
        nobody = Account.unknown(account_id)
        return finish(nobody, question, live, self.clock(), degraded=True).body

    def _keep(self, answers: list[tuple[Asked, bytes, Finished]], now: float) -> None:
        """Each in the log, and for whoever asks the same again. The answers are given already."""
        for (_, question, _, key), state, made in answers:
            if self._logs:
                self.reader.log_later((key, question.explain, state, made.body))
            try:
                ttl_ms = 0 if question.explain else made.ttl_ms(now, self.decision_ttl_s)
                if ttl_ms > 0:
                    self.reader.write_later(key, made.sealed(state, logged=self._logs), ttl_ms)
            except Exception as error:  # noqa: BLE001  # it is made again: no reason to fail others
                self._fault(error)

    def _log_kept(self, key: str, state: bytes, sealed: bytes, body: bytes, now: float) -> None:
        """It was made ahead, or while no log was kept; this is the first time it is shown."""
        self.reader.log_later((key, False, state, body))
        marked, ttl_ms = as_logged(sealed, now, self.decision_ttl_s)
        self.reader.write_later(key, marked, ttl_ms)

    def _fault(self, error: Exception) -> None:
        """Only the first leaves its traceback: a log must not overflow."""
        if not self.tally.faults:
            logger.error("a fault while deciding; the answer is the fallback", exc_info=error)
        self.tally.faults += 1

    def _unreadable(self, error: StateError) -> None:
        if not self.tally.unreadable:
            logger.error("%s", error)
        self.tally.unreadable += 1
