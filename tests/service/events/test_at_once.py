"""What holds from the next request on: preferences, context, and contacts that ask first."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from recommender.account import Consent, unpack
from service.auth.caller import Scope
from service.events.config import EventsConfig
from service.events.folding import Folding
from service.events.stream import GROUP, begin, entries
from tests.recommender.bank import bank
from tests.recommender.events.told import told
from tests.service.bank import person, publish_bank
from tests.service.events.sending import statuses
from tests.service.served import Served, served, token

PREFERENCES = "/v1/accounts/ann/preferences"
NONE = Consent()
CONTACTS = "/v1/accounts/ann/contacts"


@pytest.fixture
def bank_url(valkey: EmbeddedValkey) -> str:
    publish_bank(valkey.url, [person("ann"), person("bob")])
    return valkey.url


def play(url: str, folder: Path, *scenes: Any) -> None:
    async def scenario() -> None:
        async with served(url, folder) as service:
            for scene in scenes:
                await scene(service)

    asyncio.run(scenario())


async def put(service: Served, wanted: object, account: str = "ann") -> httpx.Response:
    path = f"/v1/accounts/{account}/preferences"
    return await service.client.put(path, json=wanted, headers=token(account))


async def show(service: Served, *action_ids: str, decision: str = "d1") -> list[dict[str, str]]:
    body = {"decision_id": decision, "action_ids": action_ids, "channel": "app"}
    response = await service.client.post(CONTACTS, json=body, headers=service.key())
    assert response.status_code == 200, response.text
    results: list[dict[str, str]] = response.json()["results"]
    return results


async def offered(service: Served) -> set[str]:
    said = await service.ask("ann", "?placement=message_centre")
    return {one["product_id"] for one in said["recommendations"] if one["product_id"]}


def stored(url: str, account: str = "ann") -> Any:
    with redis.Redis.from_url(url) as client:
        state: Any = client.get(keyspace.state(account))
        return unpack(state)


def test_an_objection_holds_from_the_next_request_on(bank_url: str, tmp_path: Path) -> None:
    async def scene(service: Served) -> None:
        assert await offered(service)
        assert (await put(service, {"contact": "none"})).status_code == 200
        assert not await offered(service)
        assert (await put(service, {})).json()["contact"] == "none"
        assert (await put(service, {"consent": {"marketing": True}})).json()["contact"] == "none"
        assert not await offered(service)
        assert (await put(service, {"contact": "normal"})).json()["contact"] == "normal"
        assert await offered(service)

    play(bank_url, tmp_path, scene)


def test_consent_withdrawn_holds_from_the_next_request_on(bank_url: str, tmp_path: Path) -> None:
    async def scene(service: Served) -> None:
        said = (await put(service, {"consent": {"marketing": False}})).json()
        assert said["consent"] == {"personalisation": True, "marketing": False}
        assert not await offered(service)

    play(bank_url, tmp_path, scene)


def test_a_refusal_is_on_record_even_where_the_table_refused_already(
    bank_url: str, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        for length in (1, 1):
            await put(service, {"consent": {"marketing": False}}, "cis")
            assert on_stream(bank_url) == length

    publish_bank(bank_url, [person(one) for one in ("ann", "bob")] + [person("cis", consent=NONE)])
    play(bank_url, tmp_path, scene)
    publish_bank(bank_url, [person(one) for one in ("ann", "bob", "cis")])
    assert not stored(bank_url, "cis").consent.marketing
    assert stored(bank_url, "cis").consent.personalisation


def test_a_domain_that_is_not_wanted_is_gone_and_comes_back(bank_url: str, tmp_path: Path) -> None:
    domain_of = {name: product.domain for name, product in bank().products.items()}

    async def scene(service: Served) -> None:
        before = await offered(service)
        unwanted = domain_of[min(before)]
        said = await put(service, {"domains": {unwanted: "none"}})
        assert said.json()["domains"] == {unwanted: "none"}
        assert unwanted not in {domain_of[one] for one in await offered(service)}
        await put(service, {})
        assert await offered(service) == before

    play(bank_url, tmp_path, scene)


def test_what_is_said_again_changes_nothing(bank_url: str, tmp_path: Path) -> None:
    async def scene(service: Served) -> None:
        wanted = {"contact": "less", "types": {"credit": "less"}}
        first = await put(service, wanted)
        length = on_stream(bank_url)
        assert (await put(service, wanted)).json() == first.json()
        assert on_stream(bank_url) == length == 2

    play(bank_url, tmp_path, scene)


def on_stream(url: str) -> int:
    with redis.Redis.from_url(url) as client:
        return int(str(client.xlen(keyspace.EVENTS)))


def test_a_worker_leaves_alone_what_is_folded_already(bank_url: str, tmp_path: Path) -> None:
    async def scene(service: Served) -> None:
        await put(service, {"domains": {"housing": "more"}})
        await show(service, "offer.savings_account")

    play(bank_url, tmp_path, scene)
    before = stored(bank_url)
    fold_all(bank_url)
    with redis.Redis.from_url(bank_url) as client:
        pending: Any = client.xpending(keyspace.EVENTS, GROUP)
        assert pending["pending"] == 0
    assert stored(bank_url) == before
    assert len(before.contacts) == 1


def test_a_publication_keeps_what_was_asked_since(bank_url: str, tmp_path: Path) -> None:
    async def scene(service: Served) -> None:
        await put(service, {"contact": "none", "domains": {"housing": "more"}})

    play(bank_url, tmp_path, scene)
    before = stored(bank_url)
    publish_bank(bank_url, [person("ann"), person("bob")], seed=1)
    assert stored(bank_url).preferences == before.preferences


def test_a_change_of_context_decides_the_next_answer(bank_url: str, tmp_path: Path) -> None:
    async def scene(service: Served) -> None:
        path = "/v1/accounts/ann/context"
        change = {"occupation": "student", "household": None}
        response = await service.client.patch(path, json=change, headers=service.key())
        assert response.status_code == 200, response.text
        assert response.json()["attributes"] == {"occupation": "student"}
        assert "current_account" not in await offered(service)

    play(bank_url, tmp_path, scene)


@pytest.mark.parametrize(
    ("change", "place", "why"),
    [
        ({"gender": "f"}, "gender", "for audit only"),
        ({"gender": None}, "gender", "for audit only"),
        ({"occupation": "wizard"}, "occupation", "no value of occupation"),
        ({"children": "two"}, "children", "no value of children"),
        ({"occuption": "student"}, "occuption", "did you mean 'occupation'"),
    ],
)
def test_a_context_that_nobody_may_change_is_refused_and_changes_nothing(
    bank_url: str, tmp_path: Path, change: dict[str, object], place: str, why: str
) -> None:
    async def scene(service: Served) -> None:
        before = stored(bank_url)
        path = "/v1/accounts/ann/context"
        both = {"has_car": True, **change}
        response = await service.client.patch(path, json=both, headers=service.key())
        assert response.status_code == 422, response.text
        (error,) = response.json()["errors"]
        assert error["parameter"] == place
        assert why in error["detail"]
        assert stored(bank_url) == before

    play(bank_url, tmp_path, scene)


def test_who_may_only_write_a_context_reads_none_of_it(bank_url: str, tmp_path: Path) -> None:
    async def scene(service: Served) -> None:
        path, key = "/v1/accounts/ann/context", service.key(Scope.CONTEXT)
        for change in ({}, {"has_car": True}):
            response = await service.client.patch(path, json=change, headers=key)
            assert response.json() == {"account_id": "ann", "attributes": change}
        assert len(stored(bank_url).attributes) > 1

    play(bank_url, tmp_path, scene)


def test_fifty_at_once_never_exceed_a_cap_of_three(bank_url: str, tmp_path: Path) -> None:
    """Half of them through another process's links: nothing but Redis keeps them apart."""
    offers = [f"offer.{name}" for name in ("savings_account", "travel_insurance", "saving_goal")]

    async def scenario() -> None:
        (tmp_path / "one").mkdir()
        (tmp_path / "other").mkdir()
        patient = EventsConfig(timeout_ms=30_000)  # a busy machine is no reason to give up
        async with (
            served(bank_url, tmp_path / "one", events=patient) as one,
            served(bank_url, tmp_path / "other", events=patient) as other,
        ):
            asked = [
                show(service, offers[number % 3], decision=f"d{number}")
                for number, service in enumerate([one, other] * 25)
            ]
            results = await asyncio.gather(*asked)
        statuses = Counter(result["status"] for (result,) in results)
        assert statuses == {"granted": 3, "refused": 47}
        rules = {result["rule"].partition(".")[2] for (result,) in results if "rule" in result}
        assert rules == {"contact_cap"}

    asyncio.run(scenario())
    assert len(stored(bank_url).contacts) == bank().contact.marketing_per_week == 3


def test_who_asks_again_gets_the_same_grant_and_spends_nothing(
    bank_url: str, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        first = await show(service, "offer.savings_account")
        assert await show(service, "offer.savings_account") == first
        assert len(stored(bank_url).contacts) == 1

    play(bank_url, tmp_path, scene)


def test_a_grant_is_given_again_though_it_spent_the_last_of_the_budget(
    bank_url: str, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        names = ("savings_account", "travel_insurance", "saving_goal")
        offers = [f"offer.{name}" for name in names]
        first = await show(service, *offers)
        assert [one["status"] for one in first] == ["granted"] * 3
        assert await show(service, *offers) == first
        assert await show(service, offers[2]) == first[2:]
        assert len(stored(bank_url).contacts) == 3

    play(bank_url, tmp_path, scene)


def test_a_wish_is_the_last_word_whatever_clock_the_one_before_was_told_by(
    bank_url: str, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        ahead = told(
            "preference_change",
            datetime.now(UTC) + timedelta(seconds=200),
            "e1",
            about="consent",
            subject="marketing",
            wish="yes",
        )
        assert await statuses(service, ahead) == ["accepted"]
        fold_all(bank_url)
        said = (await put(service, {"consent": {"marketing": False}})).json()
        assert said["consent"]["marketing"] is False
        assert not await offered(service)

    play(bank_url, tmp_path, scene)


def test_why_something_is_refused_tells_nothing_of_a_profile_that_may_not_be_read(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann", consent=Consent(marketing=True))])

    async def scene(service: Served) -> None:
        (result,) = await show(service, "offer.student_insurance")
        assert result["status"] == "refused"
        assert "employed" not in result["text"]

    play(valkey.url, tmp_path, scene)


def fold_all(url: str) -> None:
    with redis.Redis.from_url(url) as client:
        begin(client)
        found: Any = client.xreadgroup(GROUP, "w", {keyspace.EVENTS: ">"})
        Folding(client, "w", EventsConfig()).apply(entries(found[0][1]))


def test_one_request_cannot_spend_more_than_there_is(bank_url: str, tmp_path: Path) -> None:
    async def scene(service: Served) -> None:
        names = ("savings_account", "travel_insurance", "saving_goal", "bike_insurance")
        results = await show(service, *(f"offer.{name}" for name in names), "talk_to_us")
        assert [one["status"] for one in results] == ["granted"] * 3 + ["refused", "granted"]
        assert results[3]["text"] == "You have seen enough offers lately."

    play(bank_url, tmp_path, scene)


def test_what_became_impossible_since_the_decision_is_refused(
    bank_url: str, tmp_path: Path
) -> None:
    async def scene(service: Served) -> None:
        await put(service, {"consent": {"marketing": False}})
        (result,) = await show(service, "offer.savings_account")
        assert (result["status"], result["rule"]) == (
            "refused",
            "savings_account.consent_marketing",
        )
        assert not stored(bank_url).contacts

    play(bank_url, tmp_path, scene)


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ({"domains": {"hosing": "more"}}, "domains.hosing"),
        ({"types": {"credits": "none"}}, "types.credits"),
        ({"contact": "never"}, "contact"),
        ({"consent": {"marketing": "no"}}, "consent.marketing"),
        ({"colour": "red"}, "colour"),
        ([], "body"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(
    bank_url: str, tmp_path: Path, wanted: object, place: str
) -> None:
    async def scene(service: Served) -> None:
        response = await put(service, wanted)
        assert response.status_code == 422
        assert place in {error["parameter"] for error in response.json()["errors"]}

    play(bank_url, tmp_path, scene)


def test_nobody_asks_for_somebody_else(bank_url: str, tmp_path: Path) -> None:
    async def scene(service: Served) -> None:
        for account in ("bob", "nobody"):
            path = f"/v1/accounts/{account}/preferences"
            foreign = await service.client.put(path, json={}, headers=token("ann"))
            assert foreign.status_code == 404
        lacking = service.key(Scope.EVENTS)
        for method, path in (("PUT", PREFERENCES), ("POST", CONTACTS)):
            refused = await service.client.request(method, path, json={}, headers=lacking)
            assert refused.status_code == 403
        own = await service.client.post(CONTACTS, json={}, headers=token("ann"))
        assert own.status_code == 403

    play(bank_url, tmp_path, scene)


def test_an_account_that_nobody_knows_has_no_preferences(bank_url: str, tmp_path: Path) -> None:
    async def scene(service: Served) -> None:
        response = await put(service, {"contact": "none"}, account="nobody")
        assert response.status_code == 404

    play(bank_url, tmp_path, scene)
