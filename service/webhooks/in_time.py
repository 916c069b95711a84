"""One deadline for a whole call: the standard library has one for each wait, however many."""

from __future__ import annotations

import io
import queue
import socket
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


@dataclass(frozen=True, slots=True)
class Deadline:
    """An instant on the monotonic clock."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Seconds, more than 0. Raises TimeoutError."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


@dataclass(frozen=True, slots=True)
class SocketInTime:
    """As much of a socket as http.client uses, whose every wait ends at the deadline."""

    sock: socket.socket
    deadline: Deadline

    def sendall(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self.sock.settimeout(self.deadline.left())
            rest = rest[self.sock.send(rest) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reading(self))

    def close(self) -> None:
        self.sock.close()


class _Reading(io.RawIOBase):
    def __init__(self, within: SocketInTime) -> None:
        self._within = within

    def readable(self) -> bool:
        return True

    def readinto(self, into: WriteableBuffer, /) -> int:
        self._within.sock.settimeout(self._within.deadline.left())
        return self._within.sock.recv_into(into)


def addresses_of(host: str, port: int, timeout_s: float | None) -> list[str]:
    """What the name stands for. Raises OSError, also when that is not known in time.

    A lookup cannot be broken off: it goes on by itself and ends when the resolver gives up.
    """
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=look_up, daemon=True).start()
    try:
        answer = answers.get(timeout=timeout_s)
    except queue.Empty:
        raise TimeoutError(f"{host} was not looked up in time") from None
    if isinstance(answer, Exception):
        raise answer
    return [str(one[4][0]) for one in answer]
