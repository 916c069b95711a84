"""The stream of alerts and what people do with them, in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

ALERT = "/v1/accounts/{account_id}/alerts"
_PROBLEM: Json = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}

_STREAM = """Server-sent events. `alerts` has all alerts as they are; `alert` is one change (see
`ChangeAnswer`); `end` says why no more will come. Send the last id as `Last-Event-ID` to go on from
there: nothing is lost and nothing comes twice."""


def alert_calls(account: Json, language: Json, refusals: Mapping[str, str]) -> Json:
    """The calls below an account's alerts; `refusals` are those of all calls."""
    alert = {
        "name": "alert_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9a-f]{20}$"},
    }
    resume = {
        "name": "Last-Event-ID",
        "in": "header",
        "required": False,
        "schema": {"type": "string", "pattern": "^[0-9]{1,20}-[0-9]{1,20}$"},
    }
    watch = {
        "summary": "What becomes of this person's alerts, as it happens",
        "description": _STREAM,
        "parameters": [account, language, resume],
        "responses": {
            "200": {
                "description": "A stream without end",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            **_refused({**refusals, "503": "Redis is away, or too many watch here already"}),
        },
    }
    return {
        f"{ALERT}/stream": {"get": watch},
        f"{ALERT}/{{alert_id}}/seen": {
            "post": _told("The person saw it", account, alert, refusals)
        },
        f"{ALERT}/{{alert_id}}/dismiss": {
            "post": _told("The person wants it away", account, alert, refusals)
        },
    }


def _told(summary: str, account: Json, alert: Json, refusals: Mapping[str, str]) -> Json:
    text = {"type": "string"}
    said = {
        "type": "object",
        "required": ["account_id", "alert_id", "status"],
        "properties": {"account_id": text, "alert_id": text, "status": text},
    }
    unknown = {"404": "No such account, or no such alert of it, for this caller"}
    also = {"429": "Too many events wait; come back after `Retry-After` seconds"}
    return {
        "summary": summary,
        "parameters": [account, alert],
        "responses": {
            "202": {"description": "Taken", "content": {"application/json": {"schema": said}}},
            **_refused({**refusals, **unknown, **also}),
        },
    }


def _refused(statuses: Mapping[str, str]) -> Json:
    return {status: {"description": text, "content": _PROBLEM} for status, text in statuses.items()}
