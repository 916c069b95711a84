"""What nobody foresaw: the page still gets an answer, and following goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import redis
from msgspec.structs import replace

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from recommender.account import pack
from service import follower as following
from service.auth.caller import Scope
from service.errors import PublishError
from service.follower import Follower
from tests.recommender.bank import bank
from tests.service.bank import bundle, person, publish_bank
from tests.service.served import served, token


def broken(*_: object) -> None:
    raise TypeError("nobody foresaw this")


def test_an_account_that_cannot_be_decided_about_gets_the_fallback(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")])
    listed = {"occupation": ["a", "list"]}
    odd = person("ann", attributes=listed, declares=bank().declares)
    with redis.Redis.from_url(valkey.url) as client:
        client.set(keyspace.state("ann"), pack(person("ann")))

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("service.decisions.unpack", lambda _: odd)
                for calls, query in enumerate(("?explain=true", "?limit=1"), 1):
                    assert (await service.ask("ann", query))["degraded"] is True
                    assert service.decisions.tally.faults == calls
                seen = await service.get("/v1/accounts/ann", service.key(Scope.ACCOUNTS))
                assert seen.json()["degraded"] is True
                assert service.decisions.tally.degraded == 3
            assert (await service.ask("ann", "?explain=true"))["degraded"] is False

    asyncio.run(scenario())


def test_an_answer_that_cannot_be_kept_is_given_and_logged_and_disturbs_nobody(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person(f"a{number}") for number in range(6)], placements=[])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            reader = service.decisions.reader
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("service.finished.Finished.sealed", broken)
                answers = await asyncio.gather(*(service.ask(f"a{n}") for n in range(6)))
                await reader.flush()
            assert not any(answer["degraded"] for answer in answers)
            assert service.decisions.tally.faults == 6
            assert reader.outbox.streamed == 6
            assert reader.failures == 0

    asyncio.run(scenario())


def test_attributes_that_another_catalogue_read_are_unknown_to_the_one_in_force(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    ann = person("ann")
    changed = {**ann.attributes, "children": "two", "has_car": 3, "shoe_size": 41}
    publish_bank(valkey.url, [ann])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            told = []
            for attributes, declares in ((changed, "another"), (ann.attributes, ann.declares)):
                known = {k: v for k, v in attributes.items() if k not in ("children", "has_car")}
                kept = attributes if declares == "another" else known
                state = replace(ann, attributes=kept, declares=declares)
                with redis.Redis.from_url(valkey.url) as client:
                    client.set(keyspace.state("ann"), pack(state))
                answer = await service.ask("ann", "?explain=true")
                assert answer["degraded"] is False
                told.append((answer["recommendations"], answer["withheld"]))
            assert told[0] == told[1]
            assert service.decisions.tally.conformed >= 1

    asyncio.run(scenario())


def test_a_fault_while_reading_a_bundle_waits_before_the_next_try_and_keeps_the_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version, content = bundle()
    now = 0.0

    async def fetch(_: str) -> bytes:
        return content

    async def scenario() -> None:
        nonlocal now
        follower = Follower(fetch, clock=lambda: now)
        with monkeypatch.context() as patch:
            patch.setattr(following, "read_bundle", broken)
            for _ in range(3):
                follower.saw(version.encode())
                await follower.settled()
        assert follower.failures == 1
        assert follower.live is None
        now += following.RETRY_BROKEN_S
        follower.saw(version.encode())
        await follower.settled()
        assert follower.live is not None

    asyncio.run(scenario())


def test_a_bundle_that_cannot_answer_is_not_put_in_force(
    valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "decide", broken)
    with pytest.raises(PublishError, match="cannot answer"):
        publish_bank(valkey.url, [person("ann")])
    with redis.Redis.from_url(valkey.url) as client:
        assert client.dbsize() == 0


def test_an_answer_never_has_more_than_the_placements_slots(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            usual = await service.ask("ann")
            for limit in range(1, 21):
                shown = (await service.ask("ann", f"?limit={limit}"))["recommendations"]
                assert len(shown) <= min(limit, len(usual["recommendations"]))
            response = await service.get("/v1/accounts/ann/recommendations?limit=20", token("ann"))
            assert response.json()["recommendations"] == usual["recommendations"]

    asyncio.run(scenario())
