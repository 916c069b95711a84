"""Somebody who takes calls and never answers them: a real server that is silent, or says a header
line now and then.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Hanging:
    """`held`: the calls that were taken and whose caller has not gone."""

    url: str = ""
    every_s: float | None = None
    taken: int = 0
    held: set[socket.socket] = field(default_factory=set)
    over: threading.Event = field(default_factory=threading.Event)

    def hold(self, call: socket.socket) -> None:
        self.taken += 1
        self.held.add(call)
        with suppress(OSError), call:
            if self.every_s is not None:
                call.sendall(b"HTTP/1.1 200 OK\r\n")
                while not self.over.wait(self.every_s):
                    call.sendall(b"x-patience: a little more\r\n")
            while call.recv(4096):
                pass
        self.held.discard(call)


@contextmanager
def hanging(every_s: float | None = None) -> Iterator[Hanging]:
    """`every_s`: how often it says a line; None for never."""
    one = Hanging(every_s=every_s)
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        one.url = f"http://127.0.0.1:{server.getsockname()[1]}/"

        def serve() -> None:
            with suppress(OSError):
                while not one.over.is_set():
                    call, _ = server.accept()
                    threading.Thread(target=one.hold, args=(call,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield one
        finally:
            one.over.set()
            server.shutdown(socket.SHUT_RDWR)
            for call in list(one.held):
                with suppress(OSError):
                    call.shutdown(socket.SHUT_RDWR)
