"""The composition root: all the service is made of is built and bound here, and only here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Protocol

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from recommender.errors import RaakError
from service.alerts.bell import Bell
from service.alerts.log_reader import LogReader
from service.alerts.stream import Streams
from service.alerts.tally import StreamFigures
from service.auth.gate import Gate
from service.auth.key_file import KeyFile
from service.auth.tokens import TokenVerifier
from service.decision_log.outbox import Outbox
from service.decision_log.tally import OutboxFigures
from service.decisions import Decisions
from service.events.at_once import AtOnce
from service.events.ingestion import Ingestion
from service.events.tally import IngestFigures
from service.follower import Follower
from service.live_copy import LiveCopy
from service.metrics import Figures
from service.problems import FAULT, problem_of, problem_of_status
from service.routes.accounts import add_account_routes
from service.routes.alerts import add_alert_routes, add_alert_stream
from service.routes.contacts import add_contact_routes
from service.routes.events import add_event_routes
from service.routes.models import add_model_routes
from service.routes.operations import add_health_routes, add_operator_routes
from service.routes.preferences import add_preference_routes
from service.routes.recommendations import PATH, Recommendations, account_in
from service.routes.rights import add_rights_routes
from service.settings import Settings
from service.store.link import fetch
from service.store.reader import Reader


class Stops(Protocol):
    """What holds connections of its own, opened when they are first needed."""

    async def stop(self) -> None: ...


class Application(FastAPI):
    """FastAPI, except that the call every page view makes is answered before any middleware."""

    recommendations: Recommendations
    ingestion: Ingestion
    streams: Streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            account_id = account_in(scope)
            if account_id is not None:
                await self.recommendations.respond(account_id, scope, send)
                return
        await super().__call__(scope, receive, send)


def create_app(
    settings: Settings, *, store: Reader | None = None, live: Follower | None = None
) -> Application:
    """The ASGI application. `store` and `live` replace what would be built from the settings.

    Raises:
        KeyFileError: the file of API keys cannot be read.
    """
    if live is None:
        copy = LiveCopy(settings.live_copy) if settings.live_copy else None
        live = Follower(partial(fetch, settings.redis), copy)
    reader = store or Reader(settings.redis, live.saw, Outbox(settings.decisions))
    key_file = KeyFile(settings.api_keys_file)
    gate = Gate(key_file, TokenVerifier(settings.jwt))
    decisions = Decisions(reader, live, settings.decision_ttl_s)
    recommendations = Recommendations(gate, decisions)
    ingestion = Ingestion(settings.redis, settings.events)
    at_once = AtOnce(settings.redis, settings.events)
    streams = Streams(
        settings.alerts,
        LogReader(settings.redis, settings.alerts.log_most),
        Bell(settings.redis),
    )
    figures = Figures(
        reader,
        live,
        decisions,
        recommendations.latency,
        recommendations.responses,
        key_file,
        others=(
            IngestFigures(ingestion.tally),
            OutboxFigures(reader.outbox),
            StreamFigures(streams),
        ),
    )
    app = Application(
        title="Raak",
        lifespan=_lifespan(reader, live, key_file, (streams, ingestion, at_once)),
        openapi_url=None,
        redirect_slashes=False,
    )
    app.recommendations, app.ingestion, app.streams = recommendations, ingestion, streams
    app.router.routes.append(Route(PATH, recommendations, methods=["GET"]))
    add_account_routes(app, gate, decisions)
    add_alert_routes(app, gate, decisions, ingestion)
    add_alert_stream(app, gate, decisions, streams)
    add_event_routes(app, gate, decisions, ingestion)
    add_preference_routes(app, gate, decisions, at_once)
    add_contact_routes(app, gate, decisions, at_once)
    add_health_routes(app, decisions)
    add_model_routes(app, gate, decisions, settings.redis)
    add_rights_routes(app, gate, settings.redis)
    add_operator_routes(app, gate, decisions, figures)
    _tell_problems(app)
    return app


def _lifespan(
    reader: Reader, live: Follower, key_file: KeyFile, others: Iterable[Stops]
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await reader.start()
        await reader.look()
        await live.settled()
        await live.fall_back()
        following = asyncio.create_task(key_file.follow())
        yield
        following.cancel()
        for other in others:
            await other.stop()
        await live.stop()
        await reader.stop()

    return lifespan


def _tell_problems(app: FastAPI) -> None:
    """Every error leaves as problem details, those of the framework too."""

    async def ours(_: Request, error: Exception) -> Response:
        return problem_of(error).response

    async def frameworks(_: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):  # it is registered for nothing else
            return FAULT.response
        headers = tuple((n.lower().encode(), v.encode()) for n, v in (error.headers or {}).items())
        return problem_of_status(error.status_code, headers).response

    async def fault(_: Request, __: Exception) -> Response:
        return FAULT.response

    app.add_exception_handler(RaakError, ours)
    app.add_exception_handler(HTTPException, frameworks)
    app.add_exception_handler(Exception, fault)
