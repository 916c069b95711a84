"""Errors as RFC 9457 problem details: one table maps what went wrong to what is answered.

A problem names no path and no time, so two callers who may not tell two cases apart get equal
bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.responses import Response
from starlette.types import Send

from service.errors import (
    AlertsUnavailable,
    Backlog,
    BadRequest,
    EventsUnavailable,
    Forbidden,
    NotFound,
    NothingInForce,
    TooLarge,
    TooManyViewers,
    Unauthenticated,
)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2

Header = tuple[bytes, bytes]
RETRY: tuple[Header, ...] = ((b"retry-after", str(RETRY_AFTER_S).encode()),)


@dataclass(frozen=True, slots=True)
class Problem:
    """`kind` ends the problem's type URI; `members` are the extension members of RFC 9457, 3.2."""

    status: int
    kind: str
    title: str
    detail: str = ""
    members: tuple[tuple[str, Any], ...] = ()
    headers: tuple[Header, ...] = ()

    @property
    def body(self) -> bytes:
        document: dict[str, Any] = {
            "type": f"urn:raak:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
        }
        if self.detail:
            document["detail"] = self.detail
        document.update(self.members)
        return msgspec.json.encode(document)

    @property
    def response(self) -> Response:
        headers = {name.decode(): value.decode() for name, value in self._headers}
        return Response(self.body, self.status, headers)

    @property
    def _headers(self) -> tuple[Header, ...]:
        fixed = ((b"content-type", MEDIA_TYPE.encode()), (b"cache-control", b"no-store"))
        return (*fixed, *self.headers)

    async def send(self, send: Send) -> None:
        body = self.body
        headers = [*self._headers, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


NOT_FOUND = Problem(404, "not-found", "Not found", "there is no such thing for you here")
FAULT = Problem(500, "fault", "Fault", "a fault in this service; it has been logged")


def problem_of(error: Exception) -> Problem:
    """What the caller is told about `error`; what we do not know how to tell is a fault of ours."""
    match error:
        case BadRequest():
            mistakes = [
                {"parameter": name, "detail": detail} for name, detail in error.mistakes.items()
            ]
            members = (("errors", mistakes),)
            return Problem(422, "bad-request", "Wrong question", str(error), members)
        case Unauthenticated():
            challenge = ((b"www-authenticate", b'Bearer realm="raak"'),)
            return Problem(401, "unauthenticated", "Who are you?", str(error), headers=challenge)
        case NotFound():
            return NOT_FOUND
    for kind, (status, name, title, headers) in _PLAIN.items():
        if isinstance(error, kind):
            return Problem(status, name, title, str(error), headers=headers)
    return FAULT


_PLAIN: dict[type[Exception], tuple[int, str, str, tuple[Header, ...]]] = {
    Forbidden: (403, "forbidden", "Not allowed", ()),
    TooLarge: (413, "too-large", "Too large", ()),
    Backlog: (429, "backlog", "Come back later", RETRY),
    EventsUnavailable: (503, "events-unavailable", "Not taken", RETRY),
    AlertsUnavailable: (503, "alerts-unavailable", "Not to be watched", RETRY),
    TooManyViewers: (503, "too-many-viewers", "Come back later", RETRY),
    NothingInForce: (503, "nothing-in-force", "Nothing to answer with", RETRY),
}


def problem_of_status(status: int, headers: tuple[Header, ...] = ()) -> Problem:
    """For what the framework refuses itself: an unknown path, a wrong method."""
    match status:
        case 404:
            return NOT_FOUND
        case 405:
            return Problem(
                405,
                "wrong-method",
                "Wrong method",
                "this path does not take this method",
                headers=headers,
            )
    kind = "refused" if status < 500 else "fault"
    return Problem(status, kind, "Refused" if status < 500 else "Fault", headers=headers)
