"""The other calls: the adviser's picture, alerts, the catalogue, figures, health and problems."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cli.embedded import EmbeddedValkey
from recommender.account import Case, Payment
from service.auth.caller import Scope
from tests.service.bank import person, publish_bank
from tests.service.conftest import until
from tests.service.served import served, token

NOW = datetime.now(UTC)


def test_the_adviser_sees_what_the_customer_sees_and_why_not_the_rest(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    case = Case("c1", "complaint", "open", NOW - timedelta(days=1))
    publish_bank(valkey.url, [person("ann", cases=(case,), birth_date=date(1990, 5, 1))])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            seen = (await service.get("/v1/accounts/ann", service.key(Scope.ACCOUNTS))).json()
            customers = await service.ask("ann")
            explained = [one.pop("explanation") for one in seen["recommendations"]]
            assert seen["recommendations"] == customers["recommendations"]
            assert len(explained) == len(customers["recommendations"])
            assert seen["withheld"]
            profile = seen["profile"]
            assert profile["birth_date"] == "1990-05-01"
            assert profile["holdings"][0]["product_id"] == "current_account"
            assert profile["cases"][0]["kind"] == "complaint"
            assert profile["attributes"]["occupation"] == "employed"
            assert "gender" not in profile["attributes"], "it is for audits only"

    asyncio.run(scenario())


def test_a_missing_account_has_no_picture(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            response = await service.get("/v1/accounts/nobody", service.key(Scope.ACCOUNTS))
            assert response.status_code == 404

    asyncio.run(scenario())


def test_alerts_tell_of_a_debit_that_is_larger_than_the_balance(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    debit = Payment((NOW + timedelta(days=3)).date(), -9_000, "EUR", "Energy company")
    short = person("ann", balance_minor=1_000, coming=(debit,))
    publish_bank(valkey.url, [short, person("bob")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            path = "/v1/accounts/ann/alerts"
            (alert,) = (await service.get(path, token("ann"))).json()["alerts"]
            assert alert["shortfall_minor"] == 8_000
            (dutch,) = (await service.get(f"{path}?language=nl", token("ann"))).json()["alerts"]
            assert dutch["message"] != alert["message"]
            none = await service.get("/v1/accounts/bob/alerts", token("bob"))
            assert none.json()["alerts"] == []
            unknown = await service.get("/v1/accounts/nobody/alerts", service.key(Scope.ALERTS))
            assert unknown.json()["alerts"] == []
            for query in ("?language=xx", "?placement=home"):
                assert (await service.get(path + query, token("ann"))).status_code == 422

    asyncio.run(scenario())


def test_the_catalogue_is_the_one_in_force(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            key = service.key(Scope.CATALOGUE)
            catalogue = (await service.get("/v1/catalogue", key)).json()
            assert "mortgage" in catalogue["products"]
            assert (await service.get("/v1/catalogue?x=1", key)).status_code == 422

    asyncio.run(scenario())


def test_the_figures_add_up(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    published = publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            await service.ask("ann")
            await service.ask("ann", "?limit=1")
            await service.get("/v1/accounts/ann/recommendations?limit=0", token("ann"))
            await service.get("/v1/accounts/nobody/recommendations", service.key())
            lines = (await service.get("/metrics", service.key(Scope.METRICS))).text.splitlines()
            for line in (
                'raak_responses_total{status="200"} 3.0',
                'raak_responses_total{status="422"} 1.0',
                'raak_answers_total{how="cached"} 1.0',
                'raak_answers_total{how="computed"} 1.0',
                'raak_answers_total{how="unknown"} 1.0',
                'raak_answers_total{how="degraded"} 0.0',
                "raak_recommendations_seconds_count 3.0",
                "raak_redis_up 1.0",
                "raak_live_swaps_total 1.0",
                "raak_live_failures_total 0.0",
            ):
                assert line in lines
            assert any(f'version="{published.version}"' in line for line in lines)

    asyncio.run(scenario())


def test_the_document_describes_every_call_there_is(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            document = (await service.get("/openapi.json", token("ann"))).json()
            described = set(document["paths"])
            there = set(service.routes()) - {"/metrics", "/openapi.json"}
            assert described == there
            question = document["paths"]["/v1/accounts/{account_id}/recommendations"]["get"]
            assert {parameter["name"] for parameter in question["parameters"]} == {
                "account_id",
                "placement",
                "channel",
                "limit",
                "language",
                "explain",
            }

    asyncio.run(scenario())


def test_what_the_framework_refuses_is_a_problem_too(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            for method, path, status in (
                ("GET", "/nothing/here", 404),
                ("GET", "/v1/accounts//recommendations", 404),
                ("GET", "/v1/accounts/a/b/recommendations", 404),
                ("GET", "/docs", 404),
                ("POST", "/v1/accounts/ann/recommendations", 405),
                ("DELETE", "/health/live", 405),
            ):
                response = await service.client.request(method, path)
                assert response.status_code == status, path
                assert response.headers["content-type"] == "application/problem+json"
                assert response.json()["status"] == status
                assert "allow" in response.headers or status == 404

    asyncio.run(scenario())


def test_a_fault_of_ours_is_a_500_problem_without_a_trace_of_it(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:

            def broken() -> float:
                raise ZeroDivisionError("inside information")

            service.decisions.clock = broken
            for path in ("/v1/accounts/ann/recommendations", "/v1/accounts/ann"):
                response = await service.get(path, service.key())
                assert response.status_code == 500
                assert response.headers["content-type"] == "application/problem+json"
                assert "inside information" not in response.text

    asyncio.run(scenario())


def test_head_tells_what_get_would(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            await until(lambda: service.decisions.reader.up)
            path = "/v1/accounts/ann/recommendations"
            head = await service.client.head(path, headers=token("ann"))
            assert head.status_code == 200
            assert head.headers["content-type"] == "application/json"

    asyncio.run(scenario())
