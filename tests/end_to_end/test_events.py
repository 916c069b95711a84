"""What a person does shows in the next answer, through the service and the worker as they run."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from cli.embedded import EmbeddedValkey
from service.events.config import EventsConfig
from service.events.worker import Worker
from tests.recommender.bank import bank
from tests.recommender.events.told import told
from tests.service.bank import person, publish_bank
from tests.service.events.sending import statuses
from tests.service.served import Served, served, token

PATIENCE_S = 10.0
MINDS_LOOKING = 33
"""The seed of a model to which a look at the mortgage is a reason to offer something else."""

Offers = dict[str, float]
"""Propensity by product."""


@contextmanager
def working(url: str, folder: Path, seed: int = 0) -> Iterator[None]:
    """A worker in a thread, with a log; a tenant with an income and something in the bank."""
    home = {"income_band": "middle", "occupation": "employed", "housing": "rents"}
    publish_bank(url, [person("ann", attributes=home, balance_minor=500_000)], seed)
    worker = Worker(url, EventsConfig(), "test", log_dir=folder / "events")
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


async def tell(service: Served, kind: str, product_id: str) -> None:
    """Ann's browser reports what she did."""
    event = told(kind, datetime.now(UTC), str(uuid4()), account_id="ann", product_id=product_id)
    assert await statuses(service, event, headers=token("ann")) == ["accepted"]


async def offers(service: Served) -> Offers:
    said = (await service.ask("ann", "?limit=20"))["recommendations"]
    return {one["product_id"]: one["propensity"] for one in said if one["product_id"]}


async def reasons(service: Served) -> set[str]:
    """Why what is offered is offered, as the person is told."""
    said = (await service.ask("ann", "?limit=20"))["recommendations"]
    return {reason["text"] for one in said for reason in one["reasons"]}


async def becomes(service: Served, wanted: Callable[[Offers], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not wanted(await offers(service)):
        assert time.monotonic() < deadline, "the answer never changed"


def play(
    valkey: EmbeddedValkey, folder: Path, scene: Callable[[Served], Any], seed: int = 0
) -> None:
    async def scenario() -> None:
        async with served(valkey.url, folder) as service:
            await scene(service)

    with working(valkey.url, folder, seed):
        asyncio.run(scenario())


def test_one_view_of_a_mortgage_changes_the_next_answer_of_who_may_have_one(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        before = await offers(service)
        assert await offers(service) == before
        looked = f"Because you looked at: {bank().products['mortgage'].title['en']}"
        assert looked not in await reasons(service)
        await tell(service, "page_view", "mortgage")
        await becomes(service, lambda said: said != before)
        assert looked in await reasons(service)

    play(valkey, tmp_path, scene, MINDS_LOOKING)


def test_what_somebody_is_not_interested_in_is_gone_from_the_next_answer(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        product = next(iter(await offers(service)))
        await tell(service, "not_interested", product)
        await becomes(service, lambda said: product not in said)

    play(valkey, tmp_path, scene)


def test_what_was_taken_is_not_offered_again(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    async def scene(service: Served) -> None:
        shown = await offers(service)
        product = next(one for one in shown if not bank().products[one].repeatable)
        taken = told("taken", datetime.now(UTC), account_id="ann", product_id=product)
        assert await statuses(service, taken) == ["accepted"]
        await becomes(service, lambda said: product not in said)

    play(valkey, tmp_path, scene)
