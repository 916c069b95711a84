"""The two servers that are compared, each one worker of the same uvicorn, uvloop and httptools."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.serving.floor import URL_VARIABLE
from cli.embedded import free_port

START_S = 60.0
# what `raak serve` sets, so that nothing but the application differs
ALIKE = (
    "--loop=uvloop --http=httptools --ws=none --interface=asgi3 --lifespan=on --log-level=warning "
    "--no-access-log --no-proxy-headers --no-server-header"
)


@contextmanager
def floor(redis_url: str) -> Iterator[str]:
    """The bare application; yields its address."""
    port = free_port()
    server = [sys.executable, "-m", "uvicorn", "bench.serving.floor:create", "--factory"]
    process = subprocess.Popen(
        [*server, f"--port={port}", *ALIKE.split()], env=os.environ | {URL_VARIABLE: redis_url}
    )
    try:
        _await_port(process, port)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("the floor ended at once")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the floor did not listen within {START_S:g} s")
