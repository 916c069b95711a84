"""The floor, the least a service with Redis can do: a bare ASGI app, one GET, the same bytes.

Run by the same uvicorn, uvloop and httptools as the service.
"""

from __future__ import annotations

import os

from redis.asyncio import Redis
from starlette.types import Receive, Scope, Send

BODY_KEY = "bench:floor"
URL_VARIABLE = "FLOOR_REDIS_URL"


class Floor:
    def __init__(self, url: str) -> None:
        # Neither RESP 3 nor timeouts: the fastest that this client can be, not the safest.
        self._redis = Redis.from_url(
            url, protocol=2, socket_timeout=None, socket_connect_timeout=None
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body: bytes = await self._redis.get(BODY_KEY)  # type: ignore[assignment]  # it was set
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                await self._redis.aclose()
                return


def create() -> Floor:
    return Floor(os.environ[URL_VARIABLE])
