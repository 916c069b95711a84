"""Decisions as the service shows them, and the log that is written of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import redis

from recommender import keyspace
from service.decision_log.config import DecisionLogConfig
from service.decision_log.writer import READ, DecisionLogWriter
from tests.service.served import served


def show(url: str, folder: Path, account_ids: Iterable[str], query: str = "") -> list[str]:
    """What the service answers these accounts; the ids of the decisions, all on the stream."""

    async def scenario() -> list[str]:
        async with served(url, folder) as service:
            said = [(await service.ask(account_id, query)) for account_id in account_ids]
            await service.decisions.reader.flush()
            return [one["decision_id"] for one in said]

    return asyncio.run(scenario())


def writer(client: redis.Redis, log: Path, **options: Any) -> DecisionLogWriter:
    return DecisionLogWriter(client, log, DecisionLogConfig(**{"log_every_s": 3600, **options}))


def write(client: redis.Redis, log: Path, **options: Any) -> DecisionLogWriter:
    """Open, log all there is, and end."""
    one = writer(client, log, **options)
    one.open()
    try:
        for _ in range(client.xlen(keyspace.DECISIONS) // READ + 1):
            one.step()
        one.flush()
    finally:
        one.close()
    return one


def rows(log: Path) -> list[dict[str, Any]]:
    """The log as any reader of Parquet finds it."""
    parts = sorted(log.glob("day=*/[!.]*.parquet"))
    return [row for part in parts for row in pq.ParquetFile(part).read().to_pylist()]


def logged(log: Path) -> list[str]:
    return [row["decision_id"] for row in rows(log)]
