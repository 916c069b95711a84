"""POST /v1/events: what people did, in batches, each event counted once."""

from __future__ import annotations

from collections import Counter

import msgspec
from fastapi import FastAPI, Request, Response

from service.auth.caller import Scope
from service.auth.gate import Gate
from service.decisions import Decisions
from service.errors import Forbidden, TooLarge
from service.events.ingestion import ACCEPTED, DUPLICATE, REJECTED, Ingestion
from service.query import refuse_parameters
from service.routes.recommendations import JSON_HEADERS

PATH = "/v1/events"


def add_event_routes(app: FastAPI, gate: Gate, decisions: Decisions, ingestion: Ingestion) -> None:
    headers = {name.decode(): value.decode() for name, value in JSON_HEADERS}

    @app.post(PATH)
    async def events(request: Request) -> Response:
        caller = gate.caller(request.scope["headers"])
        if Scope.EVENTS not in caller.scopes:
            raise Forbidden(f"this needs the scope {Scope.EVENTS}")
        refuse_parameters(request.scope["query_string"])
        body = await _body(request, ingestion.config.most_bytes)
        catalogue = decisions.in_force().catalogue
        results = await ingestion.take(body, catalogue, caller)
        counts = Counter(result["status"] for result in results)
        said = {name: counts[name] for name in (ACCEPTED, DUPLICATE, REJECTED)}
        return Response(msgspec.json.encode({**said, "results": results}), headers=headers)


async def _body(request: Request, most: int) -> bytes:
    """Raises TooLarge, at the latest when one byte too many has come."""
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > most:
        raise TooLarge(f"the body is larger than {most} bytes")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise TooLarge(f"the body is larger than {most} bytes")
        parts.append(part)
    return b"".join(parts)
