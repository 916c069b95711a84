"""Watching alerts as a browser does: server-sent events, one after the other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from service.one_write import CONNECTION
from tests.service.conftest import until
from tests.service.served import Served, token


class Said(NamedTuple):
    """One event of a stream."""

    kind: str
    id: str
    data: dict[str, Any]


def read_events(text: str) -> list[Said]:
    """The whole events in `text`; comments and the retry time are none."""
    *whole, _ = text.split("\n\n")
    found = []
    for event in whole:
        fields = dict(line.split(": ", 1) for line in event.split("\n") if line[0] != ":")
        if "data" in fields:
            data = json.loads(fields["data"])
            found.append(Said(fields["event"], fields.get("id", ""), data))
    return found


@dataclass
class Viewer:
    """What a viewer got so far."""

    status: int = 0
    text: str = ""
    ended: bool = False
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def said(self) -> list[Said]:
        return read_events(self.text)

    @property
    def statuses(self) -> list[str]:
        return [one.data["status"] for one in self.said if one.kind == "alert"]

    @property
    def last(self) -> str:
        return [one.id for one in self.said if one.id][-1]

    async def sees(self, *statuses: str) -> None:
        """Return when exactly these changes came, in this order."""
        await until(lambda: self.statuses == list(statuses))


@asynccontextmanager
async def watching(
    service: Served,
    account_id: str = "ann",
    last: str = "",
    query: str = "",
    headers: dict[str, str] | None = None,
    connection: Any = None,
    stuck: bool = False,
) -> AsyncIterator[Viewer]:
    """A viewer at the application itself; `stuck` takes nothing after the first event."""
    viewer = Viewer()
    given = token(account_id) if headers is None else headers
    given = given | ({"last-event-id": last} if last else {})
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": f"/v1/accounts/{account_id}/alerts/stream",
        "raw_path": b"",
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "extensions": {} if connection is None else {CONNECTION: connection},
        "state": {},
    }

    async def receive() -> dict[str, Any]:
        if not viewer.status:
            return {"type": "http.request", "body": b"", "more_body": False}
        await viewer.gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            viewer.status = message["status"]
            return
        if stuck and viewer.said:
            await asyncio.Event().wait()
        viewer.text += message.get("body", b"").decode()
        viewer.ended = not message.get("more_body", False)

    async def serve() -> None:
        await service.app(scope, receive, send)

    serving = asyncio.ensure_future(serve())
    try:
        await until(lambda: bool(viewer.text) or serving.done())
        yield viewer
    finally:
        viewer.gone.set()
        await serving
