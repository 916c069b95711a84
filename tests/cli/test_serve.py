"""`raak serve` as a process: it says what is wrong with its settings, answers, ends when told."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cli.embedded import EmbeddedValkey, free_port
from service.auth.caller import Scope
from service.auth.keys import KeyRing, new_key, write_keys
from tests.recommender.events.told import told
from tests.service.bank import person, publish_bank

START_S = 30


@contextmanager
def serving(*options: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "serve", *options],
        env={name: value for name, value in os.environ.items() if not name.startswith("RAAK_")}
        | settings,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(process: subprocess.Popen[str], *words: str) -> str:
    """What it said, until a line of its own has had each of `words`, in any order."""
    said = ""
    awaited = list(words)
    assert process.stderr is not None
    for line in process.stderr:
        said += line
        for found in [word for word in awaited if word in line][:1]:
            awaited.remove(found)
        if not awaited:
            return said
    raise AssertionError(f"it ended without {awaited}:\n{said}")


def call(port: int) -> socket.socket:
    """A connection; processes that share a port listen a moment after they say that they are up."""
    deadline = time.monotonic() + START_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=START_S)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("RAAK_JWT_KEY", "too-short-secret", "RAAK_JWT: "),
        ("RAAK_REDIS_TIMEOUT_MS", "soon", "RAAK_REDIS_TIMEOUT_MS: "),
        ("RAAK_JWT_ALGORITHM", "none", "RAAK_JWT_ALGORITHM: "),
    ],
)
def test_a_wrong_setting_is_one_clear_line_without_its_value(
    setting: str, value: str, says: str
) -> None:
    with serving("--port", "0", **{setting: value}) as process:
        _, said = process.communicate(timeout=START_S)
    assert process.returncode == 2
    assert says in said
    assert "Traceback" not in said
    assert "too-short-secret" not in said


def test_a_private_key_in_place_of_the_public_one_is_refused_without_showing_it() -> None:
    made = ed25519.Ed25519PrivateKey.generate()
    private = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    settings = {"RAAK_JWT_ALGORITHM": "EdDSA", "RAAK_JWT_KEY": private}
    with serving("--port", "0", **settings) as process:
        _, said = process.communicate(timeout=START_S)
    assert process.returncode == 2
    assert said == "error: RAAK_JWT: the key must be the PEM of a public key for EdDSA\n"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_that_is_taken_is_one_clear_line(workers: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with serving("--port", port, "--workers", workers, RAAK_JWT_KEY="k" * 32) as process:
            _, said = process.communicate(timeout=START_S)
    assert process.returncode == 2
    assert said == (
        f"error: cannot listen on 127.0.0.1, port {port} (Address already in use); "
        "free it, or choose another with --host and --port\n"
    )


def test_an_address_that_is_not_here_is_one_clear_line() -> None:
    with serving("--host", "192.0.2.1", "--port", "0") as process:  # RFC 5737: nobody's
        _, said = process.communicate(timeout=START_S)
    assert process.returncode == 2
    assert said.startswith("error: cannot listen on 192.0.2.1, port 0 (")


def test_it_answers_until_it_is_told_to_stop(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    port = free_port()
    with serving("--port", str(port), RAAK_REDIS_URL=valkey.url) as process:
        said = wait_for(process, "Uvicorn running")
        assert "everything but /health will be refused" in said
        base = f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"{base}/health/live", timeout=5) as response:
            assert response.status == 200
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{base}/v1/accounts/ann/recommendations", timeout=5)
        assert refused.value.code == 401
        refused.value.close()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=START_S)
    assert process.returncode == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_under_way_is_answered_before_it_ends(
    valkey: EmbeddedValkey, tmp_path: Path, workers: int
) -> None:
    publish_bank(valkey.url, [person("ann")])
    key, text = new_key("a back end", [Scope.EVENTS])
    write_keys(tmp_path / "keys.yaml", KeyRing([key]))
    settings = {"RAAK_REDIS_URL": valkey.url, "RAAK_API_KEYS_FILE": str(tmp_path / "keys.yaml")}
    event = told("page_view", datetime.now(UTC), "e1", account_id="ann", product_id="mortgage")
    body = json.dumps(event)
    port = free_port()
    with serving("--port", str(port), "--workers", str(workers), **settings) as process:
        wait_for(process, "Uvicorn running", *["Application startup complete"] * workers)
        with call(port) as caller:
            caller.sendall(
                f"POST /v1/events HTTP/1.1\r\nHost: raak\r\nX-API-Key: {text}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                "Expect: 100-continue\r\n\r\n".encode()
            )
            assert caller.recv(1024).startswith(b"HTTP/1.1 100 ")  # it waits for the body now
            process.send_signal(signal.SIGTERM)
            wait_for(process, *["Shutting down"] * workers)
            caller.sendall(body.encode())
            with caller.makefile("rb") as reply:
                answer = reply.read()  # to the end: it closes the connection after its answer
        process.communicate(timeout=START_S)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"accepted" in answer
    assert process.returncode == 0
