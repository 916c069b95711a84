"""For operators: which models may be put in force, what happened to them, and putting one there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import redis
from fastapi import FastAPI, Request, Response
from redis.backoff import NoBackoff
from redis.retry import Retry

from recommender.errors import RaakError
from recommender.registry import Move, MoveKind
from service.auth.caller import Scope
from service.auth.gate import Gate
from service.decisions import Decisions
from service.errors import NotFound, NothingInForce
from service.problems import Problem, problem_of
from service.publish import models
from service.query import refuse_parameters
from service.routes.json import json_response
from service.store.link import RedisConfig

CONNECT_S = 2.0
ANSWER_S = 10.0

LAST_MOVES = 20


def add_model_routes(app: FastAPI, gate: Gate, decisions: Decisions, config: RedisConfig) -> None:
    """Rare calls, each over a connection of its own, so that no request waits behind them."""

    @app.get("/v1/models")
    async def known(request: Request) -> Response:
        gate.admit(request.scope["headers"], Scope.MODELS)
        refuse_parameters(request.scope["query_string"])
        live = decisions.in_force()

        def look(client: redis.Redis) -> Response:
            return json_response(
                {
                    "in_force": live.versions,
                    "models": models.cards(client),
                    "moves": models.moves(client)[-LAST_MOVES:],
                }
            )

        return await _asked(config, look)

    @app.post("/v1/models/{version}/promote")
    async def promote(version: str, request: Request) -> Response:
        caller = gate.admit(request.scope["headers"], Scope.PROMOTE)
        refuse_parameters(request.scope["query_string"])
        at = datetime.now(UTC).isoformat(timespec="microseconds")

        def move(client: redis.Redis) -> Response:
            before = models.in_force(client)
            now = models.put_in_force(
                client, Move(at, MoveKind.PROMOTED, version, caller.name, previous=before)
            )
            return json_response(
                {"model": now.model, "bundle": now.bundle, "previous": now.previous}
            )

        return await _asked(config, move)


async def _asked(config: RedisConfig, what: Callable[[redis.Redis], Response]) -> Response:
    """The answer of `what`, made in a thread; a failure is a problem, and changed nothing."""

    def ask() -> Response:
        with redis.Redis.from_url(
            config.url.get_secret_value(),
            socket_connect_timeout=CONNECT_S,
            socket_timeout=ANSWER_S,
            retry=Retry(NoBackoff(), 0),
        ) as client:
            return what(client)

    try:
        return await asyncio.to_thread(ask)
    except (NotFound, NothingInForce) as error:
        return problem_of(error).response
    except RaakError as error:
        return Problem(409, "not-put-in-force", "Not put in force", str(error)).response
    except redis.RedisError:
        detail = "Redis did not answer; look what is in force, then try again"
        return Problem(503, "redis-unavailable", "Redis is away", detail).response
