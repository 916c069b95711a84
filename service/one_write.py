"""One system call a response instead of two.

uvicorn writes a response's head and then its body, and uvloop hands each write to the kernel at
once: two system calls, and a client that wakes up twice. Here both leave together as soon as the
response is complete; a long response leaves piece by piece, at each turn of the event loop.
`make bench ONLY=serving` tells what it brings.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class GatheringTransport:
    """Gathers writes until `flush`, or until the turn ends; all else is the transport's own."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._gathered: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._gathered:
            self._loop.call_soon(self.flush)
        self._gathered.append(data)

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def flush(self) -> None:
        gathered, self._gathered = self._gathered, []
        if gathered and not self._transport.is_closing():  # the client may have left meanwhile
            self._transport.write(b"".join(gathered))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


CONNECTION = "raak.connection"
"""The scope's extension under which a long response finds its `Connection`."""


class Connection:
    """What a response that goes on for hours must know: that the server wants to stop."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.closing = asyncio.Event()

    def abort(self) -> None:
        """End it at once, without waiting for what the other side does not take."""
        self._transport.abort()


class OneWriteProtocol(HttpToolsProtocol):
    """uvicorn's protocol on a transport that gathers; uvicorn takes it as its `http` setting."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own narrowing
        self._gathering = GatheringTransport(transport, self.loop)
        self._connection = Connection(transport)
        self._extensions = {CONNECTION: self._connection}
        super().connection_made(cast("asyncio.Transport", self._gathering))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = self._extensions  # type: ignore[typeddict-item]  # ours

    def shutdown(self) -> None:
        self._connection.closing.set()
        super().shutdown()

    def on_response_complete(self) -> None:
        # at once: by the end of the turn other requests may have been computing for milliseconds
        self._gathering.flush()
        super().on_response_complete()
