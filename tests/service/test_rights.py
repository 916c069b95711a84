"""Who may erase and export whom, and what they are told."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
import redis

from cli.embedded import EmbeddedValkey, free_port
from recommender import keyspace
from service.auth.caller import OWN_ACCOUNT, Scope
from tests.service.bank import person, publish_bank
from tests.service.served import Served, served, token

ANN, BOB = "/v1/accounts/ann", "/v1/accounts/bob"


async def delete(service: Served, path: str, headers: dict[str, str]) -> httpx.Response:
    return await service.client.delete(path, headers=headers)


def test_only_a_back_end_with_its_scope_may_erase(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    publish_bank(valkey.url, [person("ann"), person("bob")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            refused = [service.key(scope) for scope in Scope if scope is not Scope.ERASE]
            for headers in (*refused, token("ann", Scope), token("bob", Scope)):
                said = await delete(service, ANN, headers)
                assert said.status_code == 403
                assert "accounts:erase" in said.json()["detail"]
            assert (await delete(service, ANN, {})).status_code == 401
            said = await delete(service, ANN, service.key(Scope.ERASE))
            assert said.status_code == 200
            assert said.json()["complete"]
            where = f"/v1/erasures/{said.json()['receipt_id']}"
            assert (await service.get(where, service.key(Scope.ERASE))).json() == said.json()
            assert (await service.get(where, token("ann", Scope))).status_code == 403

    asyncio.run(scenario())
    with redis.Redis.from_url(valkey.url) as client:
        assert not client.exists(keyspace.state("ann"))
        assert client.exists(keyspace.state("bob"))


def test_a_person_exports_only_oneself_and_only_with_a_token_that_names_the_scope(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann"), person("bob")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            named = token("ann", [*OWN_ACCOUNT, Scope.EXPORT])
            said = await service.get(f"{ANN}/export", named)
            assert said.status_code == 200
            assert said.json()["account_id"] == "ann"
            assert "bob" not in said.text
            assert all(part["about"] for part in said.json()["parts"].values())
            assert (await service.get(f"{ANN}/export", token("ann"))).status_code == 403
            assert (await service.get(f"{BOB}/export", named)).status_code == 404

    asyncio.run(scenario())


@pytest.mark.parametrize("log", [keyspace.EVENTS_LOGGED, keyspace.DECISIONS_LOGGED, None])
def test_who_may_be_in_a_log_only_is_told_where_to_look(
    valkey: EmbeddedValkey, tmp_path: Path, log: str | None
) -> None:
    publish_bank(valkey.url, [person("bob")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            said = await service.get(f"{ANN}/export", service.key())
            assert said.status_code == (404 if log is None else 200)
            if log is not None:
                assert {"event_log", "decision_log"} <= set(said.json()["elsewhere"])
                assert not any(part["content"] for part in said.json()["parts"].values())

    with redis.Redis.from_url(valkey.url) as client:
        if log is not None:
            client.set(log, "0-0")
        asyncio.run(scenario())


@pytest.mark.parametrize("path", ["/v1/accounts/%7Bann%7D", f"{ANN}?now=true"])
def test_what_cannot_be_an_account_or_a_question_erases_nothing(
    valkey: EmbeddedValkey, tmp_path: Path, path: str
) -> None:
    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            assert (await delete(service, path, service.key())).status_code == 422

    asyncio.run(scenario())
    with redis.Redis.from_url(valkey.url) as client:
        assert not client.exists(keyspace.ERASED, keyspace.ERASING)


def test_without_redis_it_is_a_problem_that_says_to_ask_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with served(f"redis://127.0.0.1:{free_port()}/0", tmp_path) as service:
            for said in (
                await delete(service, ANN, service.key()),
                await service.get(f"{ANN}/export", service.key()),
                await service.get("/v1/erasures/some", service.key()),
            ):
                assert said.status_code == 503
                assert said.json()["type"] == "urn:raak:problem:redis-unavailable"
                assert said.headers["retry-after"]

    asyncio.run(scenario())
