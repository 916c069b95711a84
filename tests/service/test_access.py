"""Who may ask: closed unless opened, and a foreign account looks exactly like a missing one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from cli.embedded import EmbeddedValkey
from service.app import create_app
from service.auth.caller import OWN_ACCOUNT, Scope
from service.settings import Settings
from service.store.link import RedisConfig
from tests.recommender.bank import bank_live
from tests.service.bank import person, publish_bank
from tests.service.served import served, token

CALLS = {
    "/v1/accounts/ann/recommendations": Scope.RECOMMENDATIONS,
    "/v1/accounts/ann/alerts": Scope.ALERTS,
    "/v1/accounts/ann": Scope.ACCOUNTS,
    "/v1/accounts/ann/export": Scope.EXPORT,
    "/v1/catalogue": Scope.CATALOGUE,
    "/v1/models": Scope.MODELS,
    "/metrics": Scope.METRICS,
}
ABOUT_AN_ACCOUNT = [path for path in CALLS if "ann" in path]


def test_without_any_key_configured_all_but_health_is_closed(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")])
    app = create_app(Settings(redis=RedisConfig(url=SecretStr(valkey.url))))

    async def scenario() -> None:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://raak") as client,
        ):
            for path in (*CALLS, "/openapi.json"):
                for headers in ({}, token("ann"), {"x-api-key": "raak_abcd1234_secret"}):
                    response = await client.get(path, headers=headers)
                    assert response.status_code == 401, path
                    assert response.headers["www-authenticate"].startswith("Bearer")
                    assert response.json()["type"] == "urn:raak:problem:unauthenticated"
            assert (await client.get("/health/live")).status_code == 200
            assert (await client.get("/health/ready")).status_code == 200

    asyncio.run(scenario())


def test_each_call_needs_its_own_scope_and_no_other(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            for path, needed in CALLS.items():
                for scope in Scope:
                    response = await service.get(path, service.key(scope))
                    assert response.status_code == (200 if scope is needed else 403), path
                    if scope is not needed:
                        assert needed in response.json()["detail"]

    asyncio.run(scenario())


@pytest.mark.parametrize("path", ABOUT_AN_ACCOUNT)
def test_a_foreign_account_gets_the_same_404_as_a_missing_one(
    valkey: EmbeddedValkey, tmp_path: Path, path: str
) -> None:
    publish_bank(valkey.url, [person("ann"), person("bob")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            anns = token("ann", list(Scope))
            assert (await service.get(path, anns)).status_code == 200
            before = service.decisions.reader.round_trips
            answers = [
                await service.get(path.replace("ann", other) + query, anns)
                for other in ("bob", "nobody", "%7Bodd%7D", "x" * 500)
                for query in ("", "?limit=0", "?surprise=1")
            ]
            assert service.decisions.reader.round_trips == before, "Redis was asked about others"
            assert {answer.status_code for answer in answers} == {404}
            assert len({answer.content for answer in answers}) == 1
            assert len({tuple(answer.headers.items()) for answer in answers}) == 1
            missing = await service.get("/v1/accounts/nobody", service.key(Scope.ACCOUNTS))
            assert missing.content == answers[0].content

    asyncio.run(scenario())


def test_a_token_never_opens_what_is_about_all_accounts(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            for path in ("/v1/catalogue", "/v1/models", "/metrics"):
                response = await service.get(path, token("ann", list(Scope)))
                assert response.status_code == 403

    asyncio.run(scenario())


def test_a_persons_token_sees_offers_and_alerts_but_not_the_advisers_picture(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            statuses = [
                (await service.get(path, token("ann"))).status_code for path in ABOUT_AN_ACCOUNT
            ]
            assert statuses == [200, 200, 403, 403]

    asyncio.run(scenario())


def test_a_persons_token_is_explained_to_unless_its_scopes_leave_that_out(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")])
    path = "/v1/accounts/ann/recommendations?explain=true"

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            for headers in (token("ann"), service.key(Scope.RECOMMENDATIONS)):
                assert (await service.get(path, headers)).json()["withheld"]
            named = token("ann", [Scope.RECOMMENDATIONS])
            refused = await service.get(path, named)
            assert refused.status_code == 403
            assert "recommendations:explain" in refused.json()["detail"]
            plain = await service.get("/v1/accounts/ann/recommendations", named)
            assert plain.status_code == 200
            assert "withheld" not in plain.json()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("path", "scopes"),
    [
        ("/v1/accounts/ann/recommendations?explain=true", OWN_ACCOUNT),
        ("/v1/accounts/ann", [Scope.ACCOUNTS]),
    ],
)
def test_to_a_person_only_what_may_be_said_as_a_reason_is_explained(
    valkey: EmbeddedValkey, tmp_path: Path, path: str, scopes: Iterable[Scope]
) -> None:
    profile = {"occupation": "employed", "income_band": "high"}
    publish_bank(valkey.url, [person("ann", attributes=profile)])
    sayable = bank_live().sayable

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            whole = (await service.get(path, service.key())).json()
            hers = (await service.get(path, token("ann", scopes))).json()
        assert hers["withheld"] == whole["withheld"]
        for part in ("recommendations", "withheld"):
            assert hers[part]
        moved, scored = 0, 0
        for mine, all_of_it in zip(hers["recommendations"], whole["recommendations"], strict=True):
            said, known = mine.pop("explanation"), all_of_it.pop("explanation")
            assert mine == all_of_it
            scored += known["arbitration"] is not None
            assert said["arbitration"] is None
            assert said["probability"] == known["probability"]
            assert said["contributions"] == [
                one for one in known["contributions"] if one["token"] in sayable
            ]
            assert not any("income" in one["token"] for one in said["contributions"])
            moved += len(known["contributions"]) - len(said["contributions"])
        assert any("income" in one["token"] for one in known["contributions"])
        assert moved, "the back end is told of tokens that nobody says to a person"
        assert scored

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Basic YW5uOnNlY3JldA=="},
        {"authorization": "Bearer"},
        {"authorization": "Bearer   "},
        {"authorization": "Bearer raak_"},
        {"authorization": "Bearer raak_abcd1234_wrong-and-secret"},
        {"authorization": "Bearer wrong.and.secret"},
        {"x-api-key": ""},
        {"x-api-key": "wrong-and-secret"},
    ],
)
def test_bad_credentials_are_a_401_and_are_repeated_nowhere(
    valkey: EmbeddedValkey,
    tmp_path: Path,
    headers: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            for path in CALLS:
                response = await service.get(path, headers)
                assert response.status_code == 401
                assert "secret" not in response.text
                assert "secret" not in str(response.headers)

    asyncio.run(scenario())
    assert "secret" not in caplog.text


@pytest.mark.parametrize("key", ["wrong", "raak_abcd1234_wrong", "a.b.c"])
def test_a_wrong_key_is_called_a_key(valkey: EmbeddedValkey, tmp_path: Path, key: str) -> None:
    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            response = await service.get("/v1/catalogue", {"x-api-key": key})
            assert response.json()["detail"] == "the API key is not valid"

    asyncio.run(scenario())


def test_both_ways_to_send_a_key_work(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            text = service.key()["x-api-key"]
            for headers in ({"x-api-key": text}, {"authorization": f"bearer {text}"}):
                response = await service.get("/v1/accounts/ann/recommendations", headers)
                assert response.status_code == 200

    asyncio.run(scenario())
