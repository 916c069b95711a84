"""What a person needs to know now, as it stands and as it changes, and what they do with it."""

from __future__ import annotations

import re
import time
import uuid
from datetime import UTC, datetime

import msgspec
from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from recommender.account import AlertStatus
from recommender.tables import EventKind
from service.alerts.standing import raised_at
from service.alerts.stream import Stream, Streams
from service.auth.caller import Caller, Scope
from service.auth.gate import Gate
from service.decisions import Decisions
from service.errors import (
    AlertsUnavailable,
    BadRequest,
    EventsUnavailable,
    NotFound,
    StoreUnavailable,
)
from service.events.ingestion import REJECTED, Ingestion
from service.query import account_id_from, read_alert_question, refuse_parameters
from service.routes.json import json_response

ALERTS = "/v1/accounts/{account_id}/alerts"
STREAM_ID = re.compile(r"\d{1,20}-\d{1,20}")
KINDS = {
    AlertStatus.SEEN: EventKind.ALERT_SEEN,
    AlertStatus.DISMISSED: EventKind.ALERT_DISMISSED,
}


def add_alert_routes(app: FastAPI, gate: Gate, decisions: Decisions, ingestion: Ingestion) -> None:
    @app.get(ALERTS)
    async def alerts(account_id: str, request: Request) -> Response:
        gate.admit_to(request.scope["headers"], Scope.ALERTS, account_id)
        live = decisions.in_force()
        question = read_alert_question(request.scope["query_string"], live)
        account_id = account_id_from(account_id)
        picture = await decisions.picture(account_id, question, live, shown=False)
        said = picture.answer
        body = {
            "account_id": account_id,
            "as_of": said.as_of,
            "degraded": said.degraded,
            "alerts": said.alerts,
        }
        return json_response(body)

    @app.post(f"{ALERTS}/{{alert_id}}/seen")
    async def seen(account_id: str, alert_id: str, request: Request) -> Response:
        return await told(account_id, alert_id, AlertStatus.SEEN, request)

    @app.post(f"{ALERTS}/{{alert_id}}/dismiss")
    async def dismiss(account_id: str, alert_id: str, request: Request) -> Response:
        return await told(account_id, alert_id, AlertStatus.DISMISSED, request)

    async def told(
        account_id: str, alert_id: str, status: AlertStatus, request: Request
    ) -> Response:
        """An event like any other, which the workers count once."""
        caller = gate.admit_to(request.scope["headers"], Scope.EVENTS, account_id)
        refuse_parameters(request.scope["query_string"])
        live, now = decisions.in_force(), time.time()
        account_id = account_id_from(account_id)
        try:
            raised = await raised_at(decisions.reader, account_id, alert_id, live, now)
        except StoreUnavailable:
            raise EventsUnavailable("it may not have been taken; send it again") from None
        if raised is None:
            raise NotFound
        # what is answered was raised before, whatever this clock says beside that of the worker
        at = max(datetime.fromtimestamp(now, UTC), raised)
        event = _event(account_id, alert_id, status, at)
        (result,) = await ingestion.take(event, live.catalogue, caller)
        if result["status"] == REJECTED:
            raise BadRequest({"event": str(result["reason"])})
        said = {"account_id": account_id, "alert_id": alert_id, "status": status}
        return json_response(said, 202)


def add_alert_stream(app: FastAPI, gate: Gate, decisions: Decisions, streams: Streams) -> None:
    @app.get(f"{ALERTS}/stream")
    async def stream(account_id: str, request: Request) -> Response:
        def admit() -> Caller:
            return gate.admit_to(request.scope["headers"], Scope.ALERTS, account_id)

        admit()
        live = decisions.in_force()
        wish = read_alert_question(request.scope["query_string"], live).language
        last = _last_seen(request)
        try:
            first = await streams.logs.after(account_id_from(account_id), last)
        except StoreUnavailable:
            raise AlertsUnavailable("alerts cannot be watched just now; try again") from None
        return _Streamed(Stream(streams, account_id, wish, admit, decisions.in_force, first))


def _event(account_id: str, alert_id: str, status: AlertStatus, at: datetime) -> bytes:
    return msgspec.json.encode(
        {
            "kind": KINDS[status],
            "event_id": uuid.uuid4().hex,
            "account_id": account_id,
            "at": at,
            "channel": "web",
            "alert_id": alert_id,
        }
    )


class _Streamed(Response):
    """FastAPI wants a Response; this one is an ASGI application that sends one itself."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__()
        self._app = app

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def _last_seen(request: Request) -> str:
    """The id of the last event that the viewer has, or '' for none. Raises BadRequest."""
    last = request.headers.get("last-event-id", "")
    if last and not (STREAM_ID.fullmatch(last) and last.isascii()):
        raise BadRequest(
            {"Last-Event-ID": "Last-Event-ID must be the id of an event of this stream"}
        )
    return last
