"""POST /v1/events: what people did, in batches, each event counted once."""

from __future__ import annotations

from collections import Counter

from fastapi import FastAPI, Request, Response

from service.auth.caller import Scope
from service.auth.gate import Gate
from service.body import read_body
from service.decisions import Decisions
from service.errors import Forbidden
from service.events.ingestion import ACCEPTED, DUPLICATE, REJECTED, Ingestion
from service.query import refuse_parameters
from service.routes.json import json_response

PATH = "/v1/events"


def add_event_routes(app: FastAPI, gate: Gate, decisions: Decisions, ingestion: Ingestion) -> None:
    @app.post(PATH)
    async def events(request: Request) -> Response:
        caller = gate.caller(request.scope["headers"])
        if Scope.EVENTS not in caller.scopes:
            raise Forbidden(f"this needs the scope {Scope.EVENTS}")
        refuse_parameters(request.scope["query_string"])
        body = await read_body(request, ingestion.config.most_bytes)
        catalogue = decisions.in_force().catalogue
        results = await ingestion.take(body, catalogue, caller)
        counts = Counter(result["status"] for result in results)
        said = {name: counts[name] for name in (ACCEPTED, DUPLICATE, REJECTED)}
        return json_response({**said, "results": results})
