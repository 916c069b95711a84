"""What the service's tests share: readers on a real Valkey, and servers that may be hurt."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from cli.embedded import EmbeddedValkey, embedded_valkey
from service.store.link import RedisConfig
from service.store.reader import Reader

PATIENCE_S = 5.0
"""How long a test waits for what must come; far more than it takes, so that it does not flicker."""


@pytest.fixture
def own_valkey() -> Iterator[EmbeddedValkey]:
    """A server of the test's own, to stop, pause or end."""
    with embedded_valkey() as server:
        yield server


@asynccontextmanager
async def reading(
    url: str, on_pointer: Callable[[bytes | None], None] = lambda _: None, **options: int
) -> AsyncIterator[Reader]:
    """A started reader. Its timeout is generous unless the test is about time."""
    config = RedisConfig(
        url=SecretStr(url),
        **{"timeout_ms": 2000, "probe_ms": 20, **options},
    )
    reader = Reader(config, on_pointer)
    await reader.start()
    try:
        yield reader
    finally:
        await reader.stop()


async def until(condition: Callable[[], bool]) -> None:
    """Return when `condition` holds; fail when it does not come to hold."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it never came to hold"
        await asyncio.sleep(0.001)
