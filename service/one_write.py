"""One system call a response instead of two.

uvicorn writes a response's head and then its body, and uvloop hands each write to the kernel at
once: two system calls, and a client that wakes up twice. Here both leave together as soon as the
response is complete; a long response leaves piece by piece, at each turn of the event loop. An
answer that is whole from the start may leave whole (`WHOLE`), without uvicorn's look at each of
its headers. `make bench ONLY=serving` tells what it brings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from starlette.types import Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol


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


WHOLE = "raak.whole"
"""The scope's extension under which a response that is whole finds `AnswerWhole`."""

AnswerWhole = Callable[[Send, bytes, bytes], bool]
"""To the request that this `send` answers: 200, and these headers (as they are sent, without the
empty line that ends them) and body. False when it was not done, and has to be sent as ever: so it
is when `send` is not the server's own, since whoever wraps it wants to see what is sent.
"""

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
        self._ungathered = transport
        self._gathering = GatheringTransport(transport, self.loop)
        self._connection = Connection(transport)
        self._extensions = {CONNECTION: self._connection, WHOLE: self._answer_whole}
        super().connection_made(cast("asyncio.Transport", self._gathering))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = self._extensions  # type: ignore[typeddict-item]  # ours

    def _answer_whole(self, send: Send, headers: bytes, body: bytes) -> bool:
        """As `send` does it with a start and a body, where nothing out of the ordinary is due."""
        cycle = self.cycle
        if (
            send != cycle.send  # another request came behind it already, or somebody wraps it
            or cycle.scope["method"] == "HEAD"
            or cycle.response_started
            or cycle.disconnected
            or cycle.access_log
            or not cycle.keep_alive
            or self.flow.write_paused
            or self._ungathered.is_closing()
        ):
            return False
        self._gathering.flush()
        defaults = [b"%b: %b\r\n" % header for header in cycle.default_headers]
        self._ungathered.write(b"".join((STATUS_LINE[200], *defaults, headers, b"\r\n", body)))
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        cycle.message_event.set()
        cycle.on_response()
        return True

    def shutdown(self) -> None:
        self._connection.closing.set()
        super().shutdown()

    def on_response_complete(self) -> None:
        # at once: by the end of the turn other requests may have been computing for milliseconds
        self._gathering.flush()
        super().on_response_complete()
