"""Sending events to a service in this process, and what tests want to know of the stream."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import redis

from recommender import keyspace
from tests.recommender.events.told import told
from tests.service.served import Served


def now_told(kind: str, event_id: str, account_id: str = "ann", **fields: Any) -> dict[str, Any]:
    """An event that happens now."""
    return told(kind, datetime.now(UTC), event_id, account_id=account_id, **fields)


async def post(
    service: Served, body: object, headers: dict[str, str] | None = None
) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = service.key() if headers is None else headers
    return await service.client.post("/v1/events", content=content, headers=sent)


async def statuses(service: Served, *events: object, **options: Any) -> list[str]:
    response = await post(service, {"events": list(events)}, **options)
    assert response.status_code == 200, response.text
    return [result["status"] for result in response.json()["results"]]


def on_stream(client: redis.Redis) -> list[dict[str, Any]]:
    """The events on the stream, oldest first."""
    entries: Any = client.xrange(keyspace.EVENTS)
    return [json.loads(fields[b"e"]) for _, fields in entries]
