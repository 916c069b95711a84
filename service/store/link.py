"""One connection to Redis, opened with every timeout set and without retries.

redis-py's own defaults stall a call for up to a minute. Here nothing waits longer than
`timeout_ms`, and nothing is sent twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import hiredis
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import Connection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from service.errors import StoreUnavailable
from service.store.writes import Command

# its own types know only commands of one word
_pack: Callable[[Command], bytes] = hiredis.pack_command  # type: ignore[assignment]

FAILURES = (RedisError, OSError, TimeoutError)
"""All the ways in which Redis can fail us."""


class RedisConfig(BaseModel):
    """How to reach Redis, and how long to wait for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: SecretStr = SecretStr("redis://127.0.0.1:6379/0")
    """`redis://`, `rediss://` or `unix://`; secret, since it may hold a password."""
    timeout_ms: int = Field(default=50, ge=1, le=10_000)
    """For a connect and for each round trip of a request."""
    probe_ms: int = Field(default=250, ge=10, le=60_000)
    """How often a Redis that is down is tried again, and an idle one is looked at."""
    bundle_timeout_ms: int = Field(default=10_000, ge=100)
    """For reading the bundle in force, which is large and never on a request's path."""
    most_reads: int = Field(default=256, ge=1)
    """Requests that share one round trip, at most."""
    most_writes: int = Field(default=256, ge=1)
    """Decisions that ride along with one round trip, at most."""
    write_capacity: int = Field(default=4096, ge=0)
    """Decisions that may wait to be written; more are dropped and counted."""

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: SecretStr) -> SecretStr:
        """What is wrong with it is not quoted: a part of a password may be."""
        try:
            parse_url(url.get_secret_value())
        except ValueError:
            raise ValueError(
                "this is no address of a Redis; write redis://HOST:PORT/0, rediss://... or "
                "unix://PATH"
            ) from None
        return url


class Link:
    """An open connection. Whoever fails on it must `close` it: a late reply is never read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, config: RedisConfig, timeout_ms: int) -> Link:
        """Connect, authenticate and see one PING answered, all within the timeout.

        Raises one of FAILURES.
        """
        link = cls(_connection(config.url.get_secret_value()))
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                await link._connection.connect()  # type: ignore[no-untyped-call]
                await link.exchange(("PING",))
        except BaseException:
            await link.close()
            raise
        return link

    async def exchange(self, *commands: Command) -> Any:
        """Send all commands in one write; the reply to the first. `reply` reads the others'."""
        await self.send(*commands)
        return await self.reply()

    async def send(self, *commands: Command) -> None:
        """In one write; the replies come in the order of the commands."""
        # hiredis packs seven times as fast as the connection itself would
        packed = b"".join([_pack(command) for command in commands])
        await self._connection.send_packed_command(packed, check_health=False)

    async def reply(self) -> Any:
        """The first reply that was not read yet."""
        return await self._connection.read_response()

    async def close(self) -> None:
        await self._connection.disconnect(nowait=True)


async def fetch(config: RedisConfig, key: str) -> bytes | None:
    """One large value, over a connection of its own so that no request waits behind it.

    Raises StoreUnavailable.
    """
    try:
        async with asyncio.timeout(config.bundle_timeout_ms / 1000):
            link = await Link.open(config, config.bundle_timeout_ms)
            try:
                value: bytes | None = await link.exchange(("GET", key))
            finally:
                await link.close()
    except FAILURES as error:
        raise StoreUnavailable(f"cannot read {key}: {error!r}") from None
    return value


def _connection(url: str) -> Connection:
    """Not yet connected. Timeouts are the caller's: redis-py's cost a task for each write."""
    pool = ConnectionPool.from_url(
        url,
        socket_timeout=None,
        socket_connect_timeout=None,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        driver_info=None,
        client_name="raak",
    )
    connection: Connection = pool.make_connection()  # type: ignore[no-untyped-call]
    return connection
