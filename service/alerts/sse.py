"""Server-sent events as bytes, and the way they take to one viewer.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from starlette.types import Message, Send

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
RETRY_MS = 2_000
BEAT = b": still here\n\n"


class Out:
    """The way to the viewer; what is not taken in time raises TimeoutError."""

    def __init__(self, send: Send, slow_s: float) -> None:
        self._send = send
        self._slow_s = slow_s

    async def start(self) -> None:
        await self._now({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await self.send(b"retry: %d\n\n" % RETRY_MS)

    async def send(self, event: bytes) -> None:
        await self._now({"type": "http.response.body", "body": event, "more_body": True})

    async def end(self, event: bytes) -> None:
        await self._now({"type": "http.response.body", "body": event, "more_body": False})

    async def _now(self, message: Message) -> None:
        async with asyncio.timeout(self._slow_s):
            await self._send(message)


def event(kind: str, data: Any, name: str = "") -> bytes:
    """JSON has no line breaks of its own, so one `data` line holds it all."""
    head = f"id: {name}\n" if name else ""
    return f"{head}event: {kind}\ndata: ".encode() + msgspec.json.encode(data) + b"\n\n"
