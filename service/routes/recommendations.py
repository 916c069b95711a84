"""GET /v1/accounts/{account_id}/recommendations: the call that every page view makes.

A plain ASGI endpoint that the application reaches before any middleware: what the framework
does for the other calls would cost more than the whole answer does here.
"""

from __future__ import annotations

import logging
from time import perf_counter

from starlette.types import Receive, Scope, Send

from recommender.answer import decode_answer, encode_answer
from recommender.errors import RaakError
from recommender.explanation import for_the_person
from service.auth.caller import Scope as Grant
from service.auth.gate import Gate
from service.decisions import Decisions
from service.errors import Forbidden
from service.metrics import Latency
from service.one_write import WHOLE, AnswerWhole
from service.problems import FAULT, Problem, problem_of
from service.query import account_id_from

logger = logging.getLogger(__name__)

PATH = "/v1/accounts/{account_id}/recommendations"
_BEFORE, _AFTER = PATH.split("{account_id}")
_START, _END = len(_BEFORE), -len(_AFTER)

JSON_HEADERS = ((b"content-type", b"application/json"), (b"cache-control", b"private, no-store"))
_HEAD = b"".join(b"%b: %b\r\n" % header for header in JSON_HEADERS) + b"content-length: %d\r\n"


def account_in(scope: Scope) -> str | None:
    """The account id when the request is exactly this call, else None."""
    path: str = scope["path"]
    if path.endswith(_AFTER) and path.startswith(_BEFORE) and scope["method"] == "GET":
        account_id = path[_START:_END]
        if account_id and "/" not in account_id:
            return account_id
    return None


class Recommendations:
    """Answers the call, or says what is wrong as a problem. Never raises."""

    def __init__(self, gate: Gate, decisions: Decisions) -> None:
        self._gate = gate
        self.decisions = decisions
        self.latency = Latency()
        self.responses: dict[int, int] = {200: 0}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI
        """As the application routes to it, for what `account_in` leaves (HEAD, a mounted app)."""
        await self.respond(scope["path_params"]["account_id"], scope, send)

    async def respond(self, account_id: str, scope: Scope, send: Send) -> None:
        started = perf_counter()
        try:
            body = await self._body(account_id, scope)
        except RaakError as error:
            await self._refuse(problem_of(error), send)
            return
        except Exception:  # the last line of defence: a fault is logged, the caller gets a 500
            logger.exception("a fault while answering for recommendations")
            await self._refuse(FAULT, send)
            return
        await _answer(body, scope, send)
        self.responses[200] += 1
        self.latency.add(perf_counter() - started)

    async def _body(self, account_id: str, scope: Scope) -> bytes:
        caller = self._gate.admit_to(scope["headers"], Grant.RECOMMENDATIONS, account_id)
        decisions = self.decisions
        live = decisions.in_force()
        question = decisions.question(scope["query_string"], live)
        if question.explain and not caller.may_have_explained:
            raise Forbidden(f"explain=true needs the scope {Grant.EXPLAIN}")
        body = await decisions.body(account_id_from(account_id), question, live)
        if question.explain and caller.is_the_person:
            # the log has the whole answer, of which this is a part
            return encode_answer(for_the_person(decode_answer(body), live))
        return body

    async def _refuse(self, problem: Problem, send: Send) -> None:
        self.responses[problem.status] = self.responses.get(problem.status, 0) + 1
        await problem.send(send)


async def _answer(body: bytes, scope: Scope, send: Send) -> None:
    whole: AnswerWhole | None = scope.get("extensions", {}).get(WHOLE)
    if whole is not None and whole(send, _HEAD % len(body), body):
        return
    headers = [*JSON_HEADERS, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
