"""POST /v1/events in the OpenAPI document; the schemas of the kinds are the models' own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recommender.events.kinds import event_schema
from service.events.ingestion import ACCEPTED, DUPLICATE, REJECTED

Json = dict[str, Any]

_PROBLEM: Json = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}

_REFUSALS = {
    "413": "The body is larger than it may be",
    "422": "The body is no batch of events",
    "429": "Too many events wait to be folded; come back after `Retry-After` seconds",
    "503": "Redis did not say that it has the events; send them again after `Retry-After` seconds",
}


def event_schemas() -> Json:
    """`Event`, which is one of the kinds, and each kind by its name."""
    schema = event_schema("#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Event": schema}


def event_call(refusals: Mapping[str, str]) -> Json:
    """The operation; `refusals` are those of all calls."""
    known = {status: text for status, text in refusals.items() if status in {"401", "403"}}
    return {
        "summary": "What people did: each event is counted once, however often it is sent",
        "description": "`event_id` is what tells one event from another, whoever sends it. With a "
        "person's token it must be a random UUID (version 4 or 7); other events are rejected.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": _body()}}},
        "responses": {
            "200": {
                "description": "What became of each event",
                "content": {"application/json": {"schema": _results()}},
            },
            **{
                status: {"description": text, "content": _PROBLEM}
                for status, text in {**known, **_REFUSALS}.items()
            },
        },
    }


def _body() -> Json:
    event = {"$ref": "#/components/schemas/Event"}
    events = {"type": "array", "items": event, "minItems": 1}
    batch = {
        "type": "object",
        "required": ["events"],
        "properties": {"events": events},
        "additionalProperties": False,
    }
    return {"anyOf": [batch, events, event]}


def _results() -> Json:
    count = {"type": "integer", "minimum": 0}
    statuses = (ACCEPTED, DUPLICATE, REJECTED)
    result = {
        "type": "object",
        "required": ["position", "event_id", "status"],
        "properties": {
            "position": count,
            "event_id": {"type": ["string", "null"]},
            "status": {"enum": list(statuses)},
            "reason": {"type": "string"},
        },
    }
    return {
        "type": "object",
        "required": [*statuses, "results"],
        "properties": {
            **dict.fromkeys(statuses, count),
            "results": {"type": "array", "items": result},
        },
    }
