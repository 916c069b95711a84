"""What every test may ask for: a real Valkey, emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from hypothesis import settings

from cli.embedded import EmbeddedValkey, embedded_valkey

# Machines are shared: how long one example takes says nothing about the code.
settings.register_profile("raak", deadline=None)
settings.load_profile("raak")


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[EmbeddedValkey]:
    """One server for all tests of this process; `valkey` is the one to ask for."""
    with embedded_valkey() as server:
        yield server


@pytest.fixture
def valkey(valkey_server: EmbeddedValkey) -> EmbeddedValkey:
    """The server with nothing in it. Its `url` is for clients; do not stop its process."""
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
        client.config_resetstat()
    return valkey_server
