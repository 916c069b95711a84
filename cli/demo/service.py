"""The service as the demo runs it: a process of its own, awaited, stopped by its id, and never left
behind.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from cli.lifeline import start_tied
from recommender.errors import RaakError

READY_SECONDS = 30.0
STOP_SECONDS = 5.0
HOST = "127.0.0.1"


class ServiceFailed(RaakError):
    """The service did not come up; the text says what to do."""


def raak(*arguments: object) -> list[str]:
    """The command line of a `raak` subcommand, in this very Python."""
    return [sys.executable, "-m", "cli.main", *(str(argument) for argument in arguments)]


def check_port(port: int) -> None:
    """Raises ServiceFailed when something listens on `port` already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise ServiceFailed(
                f"port {port} on {HOST} is taken ({error.strerror}); free it, or choose another: "
                f"make demo ARGS='--port {port + 1}'"
            ) from None


@contextmanager
def running_service(port: int, settings: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """`raak serve` on `port`, ready to answer; `settings` are its RAAK_ variables.

    Raises:
        ServiceFailed: it ended, or was not ready within 30 s.
    """
    process = start_tied(
        raak("serve", "--host", HOST, "--port", port, "--log-level", "warning"),
        env={**os.environ, **settings},
    )
    try:
        _await_ready(process, f"http://{HOST}:{port}/health/ready")
        yield process
    finally:
        _end(process)


@contextmanager
def running_worker(settings: Mapping[str, str]) -> Iterator[None]:
    """`raak worker`, so that what people do shows in the next answer."""
    process = start_tied(raak("worker", "--log-level", "warning"), env={**os.environ, **settings})
    try:
        yield
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _await_ready(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServiceFailed("the service ended at once; what it said is above")
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.05)
    raise ServiceFailed(f"the service was not ready within {READY_SECONDS:g} s")
