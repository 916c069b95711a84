"""An event counts once, though it is in the tables, on the stream or among the dead letters."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from recommender.account import unpack
from service.events.config import EventsConfig
from service.events.dead import replay
from service.events.folding import Folding
from service.events.stream import GROUP, Entry, begin, entries
from tests.cli.test_publish import model, publish, tables
from tests.recommender.events.told import told

__all__ = ["model", "tables"]

WHO = "demo-parents"

Said = dict[str, Any]


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey.url) as client:
        begin(client)
        yield client


@pytest.fixture
def event() -> Said:
    """A look at the mortgage, just now."""
    return told("page_view", datetime.now(UTC), "both-1", account_id=WHO, product_id="mortgage")


@pytest.fixture
def with_it(tables: Path, tmp_path: Path, event: Said) -> Path:
    """The tables as they are once the event log has the event."""
    folder = tmp_path / "tables"
    shutil.copytree(tables, folder)
    file = folder / "events.parquet"
    events = pd.read_parquet(file)
    at = pd.Timestamp(event["at"]).tz_convert("UTC")
    row = {name: event.get(name) for name in events.columns} | {"at": at}
    fresh = pd.DataFrame([row]).astype(events.dtypes.to_dict())
    pd.concat([events, fresh], ignore_index=True).to_parquet(file)
    return folder


def level(client: redis.Redis) -> float:
    """How much the mortgage interests them; a look now is worth 1."""
    found: Any = client.get(keyspace.state(WHO))
    interest = unpack(found).product_interest.get("mortgage")
    return interest.level if interest else 0.0


def take(client: redis.Redis) -> list[Entry]:
    """What there is to fold, and nobody has folded."""
    found: Any = client.xreadgroup(GROUP, "one", {keyspace.EVENTS: ">"})
    return [entry for _, some in found for entry in entries(some)]


def fold(client: redis.Redis, some: list[Entry]) -> None:
    Folding(client, "one", EventsConfig()).apply(some)


@pytest.fixture
def before(client: redis.Redis, valkey: EmbeddedValkey, tables: Path, model: Path) -> float:
    """Published once without the event: the level then."""
    assert publish(valkey.url, tables, model).exit_code == 0
    return level(client)


@pytest.mark.parametrize("begun", [False, True], ids=["not given to a worker", "held by one"])
def test_what_is_to_be_folded_counts_once_though_the_tables_have_it(
    client: redis.Redis,
    valkey: EmbeddedValkey,
    with_it: Path,
    model: Path,
    event: Said,
    before: float,
    *,
    begun: bool,
) -> None:
    client.xadd(keyspace.EVENTS, {"e": json.dumps(event)})
    held = take(client) if begun else []
    said = publish(valkey.url, with_it, model)
    assert "still to be folded, and left to the worker: 1" in said.output
    assert level(client) == pytest.approx(before, abs=0.01)
    fold(client, held or take(client))
    assert level(client) == pytest.approx(before + 1, abs=0.01)
    said = publish(valkey.url, with_it, model)
    assert "to be folded" not in said.output
    assert level(client) == pytest.approx(before + 1, abs=0.01)


def test_a_dead_letter_counts_once_when_it_is_put_back_after_a_publication(
    client: redis.Redis,
    valkey: EmbeddedValkey,
    with_it: Path,
    model: Path,
    event: Said,
    before: float,
) -> None:
    client.set(keyspace.state(WHO), b"damaged")
    client.xadd(keyspace.EVENTS, {"e": json.dumps(event)})
    fold(client, take(client))
    assert publish(valkey.url, with_it, model).exit_code == 0
    assert replay(client) == 1
    fold(client, take(client))
    assert level(client) == pytest.approx(before + 1, abs=0.01)
    assert publish(valkey.url, with_it, model).exit_code == 0
    assert level(client) == pytest.approx(before + 1, abs=0.01)
