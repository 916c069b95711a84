"""What people may ask of whoever holds data about them: to be erased, and to see all of it.

Both are rare and look through all of Redis, each over a connection of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, ParamSpec, TypeVar

import redis
from fastapi import FastAPI, Request, Response

from service.access.held import held_in_redis, logs_kept
from service.auth.caller import Scope
from service.auth.gate import Gate
from service.erasure.erase import LOOK_S, SETTLE_S, Erasure, ErasureLost
from service.erasure.receipt import Receipt, read_receipt
from service.errors import NotFound
from service.events.stream import connect
from service.problems import RETRY, RETRY_AFTER_S, Problem
from service.query import account_id_from, refuse_parameters
from service.routes.json import json_response
from service.store.link import RedisConfig

WAIT_S: Final = 5.0
"""How long an erasure waits for the logs before it says that they are still to be done."""

RECEIPT = "/v1/erasures/{receipt_id}"

P = ParamSpec("P")
R = TypeVar("R")


def add_rights_routes(app: FastAPI, gate: Gate, config: RedisConfig) -> None:
    rights = _Rights(config)

    @app.delete("/v1/accounts/{account_id}")
    async def erase(account_id: str, request: Request) -> Response:
        # no person's token: what is gone is gone, and a stolen token lives for an hour
        gate.admit(request.scope["headers"], Scope.ERASE)
        refuse_parameters(request.scope["query_string"])
        return await _or_problem(rights.erased(account_id_from(account_id)))

    @app.get(RECEIPT)
    async def receipt(receipt_id: str, request: Request) -> Response:
        gate.admit(request.scope["headers"], Scope.ERASE)
        refuse_parameters(request.scope["query_string"])
        return await _or_problem(rights.receipt(receipt_id))

    @app.get("/v1/accounts/{account_id}/export")
    async def export(account_id: str, request: Request) -> Response:
        gate.admit_to(request.scope["headers"], Scope.EXPORT, account_id)
        refuse_parameters(request.scope["query_string"])
        return await _or_problem(rights.held(account_id_from(account_id)))


@dataclass
class _Rights:
    """What each call does, in threads, one at a time: page views come before these."""

    config: RedisConfig
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def erased(self, account_id: str) -> Response:
        loop = asyncio.get_running_loop()
        async with _connected(self.config) as client:
            erasure = await self._do(Erasure.begin, client, account_id)
            await self._do(erasure.sweep)
            due = loop.time() + WAIT_S
            await asyncio.sleep(SETTLE_S)
            # the owners of the logs are other processes: there is nothing here to wait for
            while loop.time() < due and await self._do(erasure.waits):  # noqa: ASYNC110
                await asyncio.sleep(LOOK_S)
            return _told(await self._do(erasure.finish))

    async def receipt(self, receipt_id: str) -> Response:
        async with _connected(self.config) as client:
            found = await self._do(read_receipt, client, receipt_id)
        if found is None:
            raise NotFound
        return _told(found)

    async def held(self, account_id: str) -> Response:
        async with _connected(self.config) as client:
            found = await self._do(held_in_redis, client, account_id)
            # logs have what people did who were never published; `elsewhere` says so
            if found.empty and not await self._do(logs_kept, client):
                raise NotFound
        return json_response(found, 200)

    async def _do(self, what: Callable[P, R], *told: P.args, **options: P.kwargs) -> R:
        async with self._turn:
            return await asyncio.to_thread(what, *told, **options)


@asynccontextmanager
async def _connected(config: RedisConfig) -> AsyncIterator[redis.Redis]:
    client = connect(config.url.get_secret_value())
    try:
        yield client
    finally:
        client.close()


async def _or_problem(answer: Awaitable[Response]) -> Response:
    try:
        return await answer
    except (redis.RedisError, ErasureLost):
        detail = "Redis did not answer, so it may not be done; ask again, which does no harm"
        return Problem(503, "redis-unavailable", "Redis is away", detail, headers=RETRY).response


def _told(receipt: Receipt) -> Response:
    if receipt.complete:
        return json_response(receipt, 200)
    where = RECEIPT.format(receipt_id=receipt.receipt_id)
    return json_response(receipt, 202, {"location": where, "retry-after": str(RETRY_AFTER_S)})
