"""Who watches gets every change once, in order, for as long as they may."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from recommender.account import pack
from service.alerts.config import AlertsConfig
from service.auth.tokens import sign_token
from service.one_write import Connection
from tests.service.alerts.telling import (
    due,
    fold,
    folding,
    happens,
    salary,
    short,
    statuses,
    the_alert,
)
from tests.service.alerts.watching import Viewer, watching
from tests.service.bank import person, publish_bank
from tests.service.conftest import until
from tests.service.served import TOKENS, Served, served, token


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    publish_bank(valkey.url, [short(), person("bob")])
    with redis.Redis.from_url(valkey.url) as client:
        yield client


def play(
    valkey: EmbeddedValkey,
    folder: Path,
    scene: Callable[[Served], Awaitable[None]],
    **config: Any,
) -> None:
    async def scenario() -> None:
        async with served(valkey.url, folder, alerts=AlertsConfig(**config)) as service:
            await scene(service)

    asyncio.run(scenario())


def flips(client: redis.Redis, times: int) -> None:
    """So many changes: a shortfall that comes and goes."""
    worker = folding(client, log_most=20)
    for turn in range(times):
        salary(client, balance_minor=300_000 if turn % 2 else 1_000)
        fold(client, worker)


def test_it_begins_with_what_is_and_goes_on_with_what_becomes_of_it(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    folding(client).bring_up_to_date(["ann"])

    async def scene(service: Served) -> None:
        async with watching(service) as viewer:
            await until(lambda: bool(viewer.said))
            (first,) = viewer.said
            (alert,) = first.data["alerts"]
            assert (first.kind, alert["kind"], alert["status"]) == (
                "alerts",
                "shortfall_ahead",
                "raised",
            )
            assert alert["remedy"]["url"] == "/service/shortfall"
            happens(client, "alert_seen", alert_id=alert["alert_id"])
            fold(client)
            salary(client)
            fold(client)
            await viewer.sees("seen", "resolved")
            salary(client, balance_minor=1_000)
            fold(client)
            await viewer.sees("seen", "resolved", "raised")
            again = viewer.said[-1].data
            assert (again["times"], again["alert"]["title"]) == (2, "Your balance will be short")

    play(valkey, tmp_path, scene)


def test_stream_page_and_adviser_show_the_same(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    folding(client).bring_up_to_date(["ann"])

    async def scene(service: Served) -> None:
        async with watching(service) as viewer:
            await until(lambda: bool(viewer.said))
            streamed = viewer.said[0].data["alerts"]
        assert streamed
        for path in ("/alerts", "/recommendations", "/recommendations?channel=app", ""):
            said = await service.get(f"/v1/accounts/ann{path}", service.key())
            assert said.json()["alerts"] == streamed, path

    play(valkey, tmp_path, scene)


def test_who_comes_back_gets_what_came_since_and_nothing_twice(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        async with watching(service) as viewer:
            flips(client, 3)
            await viewer.sees("raised", "resolved", "raised")
            last, before = viewer.last, [one.id for one in viewer.said]
        flips(client, 2)
        async with watching(service, last=last) as viewer:
            await viewer.sees("resolved")
            assert not {one.id for one in viewer.said} & set(before)
            last = viewer.last
        async with watching(service, last=last) as viewer:
            assert viewer.said == []

    play(valkey, tmp_path, scene)


def test_who_saw_nothing_yet_misses_nothing_either(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        async with watching(service) as viewer:
            assert viewer.said[0].data["alerts"] == [], "no worker has raised it yet"
            last = viewer.last
        flips(client, 1)
        async with watching(service, last=last) as viewer:
            await viewer.sees("raised")

    play(valkey, tmp_path, scene)


@pytest.mark.parametrize("last", ["too old", "from another Redis"])
def test_who_cannot_be_told_what_came_since_is_told_all_anew(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path, last: str
) -> None:
    flips(client, 1)
    entries: Any = client.xrange(keyspace.alert_log("ann"))
    flips(client, 40)
    known = entries[0][0].decode() if last == "too old" else "1-1"

    async def scene(service: Served) -> None:
        async with watching(service, last=known) as viewer:
            await until(lambda: bool(viewer.said))
            assert [one.kind for one in viewer.said] == ["alerts"]
            newest: Any = client.xrevrange(keyspace.alert_log("ann"), count=1)
            assert viewer.last == newest[0][0].decode()

    play(valkey, tmp_path, scene, log_most=20)


def test_each_viewer_has_the_language_that_was_asked_for(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        async with watching(service, query="language=nl") as dutch, watching(service) as english:
            folding(client).bring_up_to_date(["ann"])
            await dutch.sees("raised")
            await english.sees("raised")
            titles = [one.said[-1].data["alert"]["title"] for one in (dutch, english)]
            assert titles == ["Uw saldo komt tekort", "Your balance will be short"]

    play(valkey, tmp_path, scene)


def test_many_viewers_cost_two_connections(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        before = len(client.client_list())
        viewers: list[Viewer] = []

        async def watch() -> None:
            async with watching(service) as viewer:
                viewers.append(viewer)
                await viewer.sees("raised")

        async with asyncio.TaskGroup() as group:
            for _ in range(30):
                group.create_task(watch())
            await until(lambda: len(viewers) == 30)
            assert service.app.streams.tally.open == 30
            assert len(client.client_list()) <= before + 2
            folding(client).bring_up_to_date(["ann"])
        assert service.app.streams.tally.open == 0

    play(valkey, tmp_path, scene)


def test_no_more_may_watch_than_there_are_seats(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        async with watching(service) as one, watching(service, "bob") as other:
            assert (one.status, other.status) == (200, 503)
            assert "too-many-viewers" in other.text
        async with watching(service, "bob") as other:
            assert other.status == 200

    play(valkey, tmp_path, scene, viewers=1)


def test_a_token_that_expires_ends_the_stream(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    signed = sign_token(TOKENS, "ann", 60, now=time.time() - 60 - TOKENS.leeway_s + 2)
    headers = {"authorization": f"Bearer {signed}"}

    async def scene(service: Served) -> None:
        async with watching(service, headers=headers) as viewer:
            assert viewer.status == 200
            await until(lambda: viewer.ended)
            assert viewer.said[-1].kind == "end"
            assert viewer.said[-1].data == {"reason": "your credentials are no longer good"}

    play(valkey, tmp_path, scene)


def test_a_server_that_stops_says_so(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        connection = Connection(asyncio.Transport())
        async with watching(service, connection=connection) as viewer:
            connection.closing.set()
            await until(lambda: viewer.ended)
            assert viewer.said[-1].data == {"reason": "this server is stopping"}

    play(valkey, tmp_path, scene)


class Dropped(asyncio.Transport):
    aborted = False

    def abort(self) -> None:
        self.aborted = True


def test_a_viewer_who_takes_nothing_is_dropped(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        transport = Dropped()
        async with watching(service, connection=Connection(transport), stuck=True):
            folding(client).bring_up_to_date(["ann"])
            await until(lambda: transport.aborted)
            assert service.app.streams.tally.slow == 1

    play(valkey, tmp_path, scene, slow_s=0.05)


def test_a_sign_of_life_comes_when_nothing_else_does(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        async with watching(service, "bob") as viewer:
            await until(lambda: viewer.text.count(": still here") >= 3)
            assert len(viewer.said) == 1

    play(valkey, tmp_path, scene, beat_s=0.02)


def test_a_lost_hint_is_made_good_at_the_next_beat(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        async with watching(service) as viewer:
            service.app.streams.bell._listeners["ann"].clear()
            flips(client, 2)
            await viewer.sees("raised", "resolved")

    play(valkey, tmp_path, scene, beat_s=0.05)


def test_connections_that_break_lose_nothing(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        async with watching(service) as viewer:
            flips(client, 1)
            await viewer.sees("raised")
            client.client_kill_filter(_type="normal", skipme=True)
            salary(client)
            fold(client)
            await viewer.sees("raised", "resolved")

    play(valkey, tmp_path, scene, beat_s=60)


@pytest.mark.parametrize("last", ["x", "1", "1-1-1", "-1-1", "٣-1"])
def test_an_id_of_no_stream_is_a_mistake(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path, last: str
) -> None:
    async def scene(service: Served) -> None:
        async with watching(service, last=last) as viewer:
            assert viewer.status == 422
            assert "Last-Event-ID" in viewer.text

    play(valkey, tmp_path, scene)


def test_an_account_that_cannot_be_read_has_none(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    client.set(keyspace.state("ann"), b"\x00" + pack(short()))

    async def scene(service: Served) -> None:
        async with watching(service) as viewer:
            assert viewer.said[0].data["alerts"] == []

    play(valkey, tmp_path, scene)


def test_nobody_watches_somebody_else(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        async with watching(service, "bob", headers=token("ann")) as viewer:
            assert viewer.status == 404
        async with watching(service, headers={}) as viewer:
            assert viewer.status == 401
        async with watching(service, headers=token("ann", [])) as viewer:
            assert viewer.status == 403

    play(valkey, tmp_path, scene)


@pytest.mark.parametrize("worker_is_ahead_s", [-60, 60])
def test_an_answer_counts_whatever_the_clock_of_who_raised_the_alert_again(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path, worker_is_ahead_s: int
) -> None:
    worker = folding(client)
    worker.clock = lambda: time.time() + worker_is_ahead_s
    worker.bring_up_to_date(["ann"])
    publish_bank(valkey.url, [short(coming=(due(9_000),)), person("bob")])
    worker.bring_up_to_date(["ann"])
    assert statuses(client) == ["raised", "raised"]
    alert = f"/v1/accounts/ann/alerts/{the_alert(client)}"

    async def scene(service: Served) -> None:
        said = await service.client.post(f"{alert}/dismiss", headers=token("ann"))
        assert said.status_code == 202
        fold(client, worker)
        assert statuses(client)[-1] == "dismissed"

    play(valkey, tmp_path, scene)


def test_what_is_seen_and_dismissed_counts_as_any_event(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    folding(client).bring_up_to_date(["ann"])
    alert = f"/v1/accounts/ann/alerts/{the_alert(client)}"

    async def scene(service: Served) -> None:
        async def post(path: str, headers: dict[str, str]) -> int:
            return (await service.client.post(path, headers=headers)).status_code

        assert await post(f"{alert}/seen", token("ann")) == 202
        fold(client)
        assert statuses(client) == ["raised", "seen"]
        (shown,) = (await service.get("/v1/accounts/ann/alerts", token("ann"))).json()["alerts"]
        assert shown["status"] == "seen"
        assert shown["raised_at"] is not None
        assert await post(f"{alert}/dismiss", service.key()) == 202
        fold(client)
        said = await service.get("/v1/accounts/ann/alerts", token("ann"))
        assert said.json()["alerts"] == []
        assert (await service.ask("ann"))["alerts"] == []
        for path, headers, status in (
            (f"{alert}/seen", {}, 401),
            (f"{alert}/seen", token("bob"), 404),
            (f"{alert}/seen", token("ann", []), 403),
            (f"{alert}/seen?x=1", token("ann"), 422),
            ("/v1/accounts/ann/alerts/00000000000000000000/seen", token("ann"), 404),
            (alert.replace("ann", "bob") + "/dismiss", service.key(), 404),
            (alert.replace("ann", "nobody") + "/dismiss", service.key(), 404),
        ):
            assert await post(path, headers) == status, path

    play(valkey, tmp_path, scene)


def test_while_redis_cannot_tell_nobody_is_told_that_there_is_no_such_alert(
    client: redis.Redis, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    folding(client).bring_up_to_date(["ann"])
    path = f"/v1/accounts/ann/alerts/{the_alert(client)}/seen"

    async def scene(service: Served) -> None:
        client.flushall()
        assert (await service.client.post(path, headers=token("ann"))).status_code == 503

    play(valkey, tmp_path, scene)
