"""`raak serve` as a process: it says what is wrong with its settings, answers, ends when told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cli.embedded import EmbeddedValkey, free_port

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


def wait_for(process: subprocess.Popen[str], words: str) -> str:
    """What it said, up to the line that has `words`."""
    said = ""
    assert process.stderr is not None
    for line in process.stderr:
        said += line
        if words in line:
            return said
    raise AssertionError(f"it ended without {words!r}:\n{said}")


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
    assert process.returncode in (0, -signal.SIGTERM)
