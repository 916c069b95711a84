"""For those who run the service: is it alive, is it ready, how does it do, what is in force."""

from __future__ import annotations

import msgspec
from fastapi import FastAPI, Request, Response

from service.auth.caller import Scope
from service.auth.gate import Gate
from service.decisions import Decisions
from service.metrics import MEDIA_TYPE, Figures
from service.openapi import document
from service.query import refuse_parameters


def add_health_routes(app: FastAPI, decisions: Decisions) -> None:
    """Open to all: a probe carries no credentials, and learns nothing worth keeping."""

    @app.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/health/ready")
    async def ready() -> dict[str, str | None]:
        version = decisions.in_force().version
        if not decisions.reader.up:
            return {"status": "ready", "redis": "down", "in_force": version}
        if decisions.follower.pointer is None:  # what is held still serves for the fallback
            return {"status": "ready", "redis": "empty", "in_force": None}
        return {"status": "ready", "redis": "up", "in_force": version}


def add_operator_routes(app: FastAPI, gate: Gate, decisions: Decisions, figures: Figures) -> None:
    @app.get("/v1/catalogue")
    async def catalogue(request: Request) -> Response:
        gate.admit(request.scope["headers"], Scope.CATALOGUE)
        refuse_parameters(request.scope["query_string"])
        body = decisions.in_force().catalogue.model_dump_json(by_alias=True)
        return Response(body, media_type="application/json")

    @app.get("/metrics")
    async def metrics(request: Request) -> Response:
        gate.admit(request.scope["headers"], Scope.METRICS)
        return Response(figures.exposition(), headers={"content-type": MEDIA_TYPE})

    @app.get("/openapi.json")
    async def openapi(request: Request) -> Response:
        gate.caller(request.scope["headers"])
        return Response(msgspec.json.encode(document()), media_type="application/json")
