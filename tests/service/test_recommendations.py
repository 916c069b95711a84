"""The call every page view makes: right answers, one round trip, clear words when it is wrong."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from recommender.account import Account, pack
from recommender.live import read_bundle
from service.auth.caller import Scope
from service.decision_log.config import DecisionLogConfig
from service.finished import finish
from service.query import question_for
from tests.service.bank import bundle, person, publish_bank
from tests.service.conftest import until
from tests.service.served import Served, served, token

PATH = "/v1/accounts/ann/recommendations"


ALLOWED = ("mget", "eval", "set", "info", "config|resetstat", "client|setinfo")
IN_EVAL = ("exists", "get", "xadd", "incrby")
"""What the one script that writes does of its own: it looks whether the account is still there, and
puts what was shown on the stream."""


def mgets(client: redis.Redis) -> int:
    return int(client.info("commandstats").get("cmdstat_mget", {"calls": 0})["calls"])


def test_a_published_answer_is_served_as_it_was_published(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            said = await service.ask("ann")
            assert said["account_id"] == "ann"
            assert said["degraded"] is False
            assert said["recommendations"]
            assert "withheld" not in said
            assert service.decisions.tally.cached == 1
            assert service.decisions.tally.computed == 0

    asyncio.run(scenario())


def test_every_request_is_one_round_trip_cached_or_computed(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    people = [person(f"a{number}") for number in range(40)]
    publish_bank(valkey.url, people)

    async def scenario() -> None:
        async with served(valkey.url, tmp_path, probe_ms=60_000) as service:
            reader, tally = service.decisions.reader, service.decisions.tally
            with redis.Redis.from_url(valkey.url) as client:
                for query, count in (("", "cached"), ("?limit=1", "computed")):
                    for number in range(40):
                        client.config_resetstat()
                        before = (reader.round_trips, getattr(tally, count))
                        await service.ask(f"a{number}", query)
                        assert getattr(tally, count) == before[1] + 1
                        assert reader.round_trips == before[0] + 1
                        assert mgets(client) == 1
                        # the decision made before rides along; nothing else may be sent
                        sent = set(client.info("commandstats"))
                        assert sent <= {f"cmdstat_{name}" for name in (*ALLOWED, *IN_EVAL)}

    asyncio.run(scenario())


def test_only_an_answer_that_was_made_leaves_something_to_write(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person(f"a{number}") for number in range(20)])

    async def scenario() -> None:
        unlogged = DecisionLogConfig(log=False)
        async with served(valkey.url, tmp_path, decisions=unlogged, probe_ms=60_000) as service:
            reader, tally = service.decisions.reader, service.decisions.tally
            before = reader.round_trips
            for number in range(20):
                await service.ask(f"a{number}")
                await service.ask(f"nobody-{number}")
            assert (tally.cached, tally.unknown) == (20, 20)
            live = service.decisions.in_force()
            key = question_for(live, limit="1").key("a0", live)
            with redis.Redis.from_url(valkey.url) as client:
                await service.ask("a0", "?limit=1")
                await until(lambda: client.exists(key) == 1)  # nobody's read takes it along
            await reader.flush()
            assert reader.round_trips == before + 20 + 20 + 1 + 1

    asyncio.run(scenario())


def test_a_computed_answer_is_kept_and_served_from_then_on(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")], placements=[])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            first = await service.ask("ann")
            await service.decisions.reader.flush()
            assert await service.ask("ann") == first
            assert service.decisions.tally.cached == 1

    asyncio.run(scenario())


def test_a_kept_answer_goes_when_its_truth_ends(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            now = service.decisions.clock()
            service.decisions.clock = lambda: now + 2 * 86_400
            await service.ask("ann")
            assert service.decisions.tally.cached == 0
            assert service.decisions.tally.computed == 1

    asyncio.run(scenario())


def test_a_changed_state_is_decided_anew_at_once(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            before = await service.ask("ann")
            changed = person("ann", language="nl")
            with redis.Redis.from_url(valkey.url) as client:
                client.set(keyspace.state("ann"), pack(changed))
            after = await service.ask("ann")
            assert (before["language"], after["language"]) == ("en", "nl")
            assert service.decisions.tally.computed == 1

    asyncio.run(scenario())


def test_another_version_in_force_never_serves_the_old_answers(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")], seed=1)

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            assert (await service.ask("ann"))["versions"]["model"] == "test-1"
            publish_bank(valkey.url, [person("ann")], seed=2)
            await service.sees(bundle(2)[0])
            assert (await service.ask("ann"))["versions"]["model"] == "test-2"

    asyncio.run(scenario())


def shown_under(seed: int, people: list[Account]) -> dict[str, Any]:
    """What each person must be shown while the bundle of this seed is in force."""
    live = read_bundle(*bundle(seed))
    answers = (finish(one, question_for(live), live, time.time()).body for one in people)
    return {said["account_id"]: said["recommendations"] for said in map(json.loads, answers)}


def test_readers_during_a_publication_never_see_two_versions_mixed(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    people = [person(f"a{number}") for number in range(100)]
    right = {f"test-{seed}": shown_under(seed, people) for seed in range(3)}
    publish_bank(valkey.url, people, seed=0)
    seen: set[str] = set()

    async def browse(service: Served, stop: asyncio.Event) -> None:
        number = 0
        while not stop.is_set():
            number = (number + 7) % 100
            said = await service.ask(f"a{number}")
            model = said["versions"]["model"]
            assert said["recommendations"] == right[model][f"a{number}"]
            assert said["degraded"] is False
            seen.add(model)

    async def scenario() -> None:
        stop = asyncio.Event()
        async with served(valkey.url, tmp_path) as service:
            browsers = [asyncio.create_task(browse(service, stop)) for _ in range(4)]
            for seed in (1, 2):
                await asyncio.to_thread(publish_bank, valkey.url, people, seed)
                await service.sees(bundle(seed)[0])
            await until(lambda: seen == set(right))
            stop.set()
            await asyncio.gather(*browsers)

    asyncio.run(scenario())


def test_an_unknown_account_gets_defaults_and_is_not_an_error(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            response = await service.get("/v1/accounts/nobody/recommendations", service.key())
            assert response.status_code == 200
            said = response.json()
            assert said["account_id"] == "nobody"
            assert said["degraded"] is False
            assert said["recommendations"]
            assert not [shown for shown in said["recommendations"] if shown["kind"] == "offer"]
        with redis.Redis.from_url(valkey.url) as client:
            assert not list(client.scan_iter(match="raak:{nobody}*"))

    asyncio.run(scenario())


def test_explaining_names_the_rule_that_withheld_each_product(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann", attributes={})])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            for _ in range(2):  # and the second time it is not the kept answer either
                said = await service.ask("ann", "?explain=true&language=nl")
                rules = {item["product_id"]: item for item in said["withheld"]}
                assert rules["current_account"]["rule"] == "current_account.already_held"
                assert all(item["text"] for item in said["withheld"])
            assert "withheld" not in await service.ask("ann", "?language=nl")

    asyncio.run(scenario())


WRONG_QUESTIONS = [
    ("?placement=hoem", "unknown placement 'hoem': there are home"),
    ("?placement=hoem", "did you mean 'home'?"),
    ("?placement=", "unknown placement ''"),
    ("?channel=fax", "unknown channel 'fax'"),
    ("?language=xx", "unknown language 'xx': there are en, nl"),
    ("?limit=0", "limit must be between 1 and 20"),
    ("?limit=21", "limit must be between 1 and 20"),
    ("?limit=1000000000", "limit must be between 1 and 20"),
    ("?limit=-1", "limit must be between 1 and 20"),
    ("?limit=", "limit must be between 1 and 20"),
    ("?limit=3.0", "limit must be between 1 and 20"),
    ("?limit=%D9%A3", "limit must be between 1 and 20"),
    ("?explain=perhaps", "explain must be true or false"),
    ("?placment=home", "did you mean 'placement'?"),
    ("?limit=1&limit=2", "limit is given twice"),
    ("?placement=%FF", "the query is not URL-encoded UTF-8"),
    ("?placement=" + "x" * 2000, "the query is longer than 1024 bytes"),
]


def test_a_wrong_question_is_a_422_that_says_what_is_wrong(
    valkey: EmbeddedValkey, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            for query, says in WRONG_QUESTIONS:
                with subtests.test(query=query[:40], says=says):
                    response = await service.get(PATH + query, token("ann"))
                    assert response.status_code == 422
                    assert response.headers["content-type"] == "application/problem+json"
                    assert says in response.json()["detail"]
                    assert response.json()["errors"]

    asyncio.run(scenario())


def test_all_mistakes_are_told_at_once(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            response = await service.get(
                PATH + "?limit=0&language=xx&channel=fax&explain=2&surprise=1", token("ann")
            )
            told = {mistake["parameter"] for mistake in response.json()["errors"]}
            assert told == {"limit", "language", "channel", "explain", "surprise"}

    asyncio.run(scenario())


def test_an_odd_account_id_is_a_422_to_a_back_end(
    valkey: EmbeddedValkey, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            for account_id in ("x" * 129, "a b", "a%7Bb%7D", "%00", "%E2%82%AC", "-a"):
                with subtests.test(account_id=account_id[:20]):
                    response = await service.get(
                        f"/v1/accounts/{account_id}/recommendations",
                        service.key(Scope.RECOMMENDATIONS),
                    )
                    assert response.status_code == 422
                    assert "account_id must be" in response.json()["detail"]

    asyncio.run(scenario())


def test_with_nothing_published_the_answer_is_503_with_retry_after(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            response = await service.get(PATH, token("ann"))
            assert response.status_code == 503
            assert int(response.headers["retry-after"]) > 0
            assert "raak publish" in response.json()["detail"]
            assert (await service.get("/health/live")).status_code == 200
            assert (await service.get("/health/ready")).status_code == 503
            publish_bank(valkey.url, [person("ann")])
            await until(lambda: service.decisions.follower.live is not None)
            assert (await service.get("/health/ready")).status_code == 200
            assert (await service.ask("ann"))["recommendations"]

    asyncio.run(scenario())
