"""Models on offer: put in force by one pointer, under the rules in force, losing no request."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import redis

from cli.demo.service import HOST, running_service
from cli.embedded import EmbeddedValkey, free_port
from recommender import keyspace
from recommender.catalogue import parse_catalogue
from recommender.errors import ArtefactError
from recommender.features import FeatureSpec
from recommender.live import pack_bundle
from recommender.registry import Card, Move, MoveKind
from service.auth.caller import Scope
from service.auth.keys import KeyRing, new_key, write_keys
from service.errors import NotFound, NothingInForce
from service.publish import Publication, models, publish
from tests.recommender.bank import CATALOGUE_FILE, bank, vocabulary
from tests.recommender.models import artefact_files
from tests.service.bank import person, publish_bank
from tests.service.served import served, token

TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")
OTHER_RULES = TEXT.replace("marketing_per_week: 3", "marketing_per_week: 2")
OTHER_FEATURES = TEXT.replace("tenure_years: {bins: [1, 3, 10]}", "tenure_years: {bins: [1, 3, 9]}")
SWITCHES = 12
WITHIN_S = 1.0


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey.url) as client:
        yield client


def files(seed: int) -> dict[str, bytes]:
    return artefact_files(
        vocabulary(),
        tuple(bank().products),
        features_digest=FeatureSpec.from_catalogue(bank()).digest,
        seed=seed,
    )


def offer(client: redis.Redis, seed: int, at: str = "2026-11-23") -> str:
    """Offer the model of `seed`; its version."""
    version = f"test-{seed}"
    models.offer(client, Card(version, at, {}, at, "me"), TEXT, files(seed))
    return version


def promoted(version: str) -> Move:
    return Move("2026-11-23T00:00:00+00:00", MoveKind.PROMOTED, version, "me")


def test_an_offered_model_answers_nobody_until_it_is_put_in_force(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    publish_bank(valkey.url, [person("ann")], seed=1)
    offer(client, 2)
    assert models.in_force(client) == "test-1"
    done = models.put_in_force(client, promoted("test-2"))
    assert (done.model, done.previous) == ("test-2", "test-1")
    assert models.in_force(client) == "test-2"
    assert [move.version for move in models.moves(client)] == ["test-2"]


def test_putting_the_same_in_force_again_is_no_move(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    publish_bank(valkey.url, [person("ann")], seed=1)
    offer(client, 2)
    first = models.put_in_force(client, promoted("test-2"))
    again = models.put_in_force(client, promoted("test-2"))
    assert again.bundle == first.bundle
    assert len(models.moves(client)) == 1


def test_the_rules_in_force_stay_when_the_model_changes(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    assert OTHER_RULES != TEXT
    publish(client, [person("ann")], pack_bundle(OTHER_RULES, files(1)), Publication())
    offer(client, 2)
    done = models.put_in_force(client, promoted("test-2"))
    assert done.bundle == pack_bundle(OTHER_RULES, files(2))[0]
    assert not done.own_catalogue


def test_a_model_that_does_not_fit_the_rules_in_force_brings_its_own_only_when_told_to(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    assert OTHER_FEATURES != TEXT
    offer(client, 2)
    features = FeatureSpec.from_catalogue(parse_catalogue(OTHER_FEATURES, "other")).digest
    newer = artefact_files(vocabulary(), tuple(bank().products), features_digest=features, seed=1)
    publish(client, [person("ann")], pack_bundle(OTHER_FEATURES, newer), Publication())
    before = client.get(keyspace.LIVE)
    with pytest.raises(ArtefactError, match="other features"):
        models.put_in_force(client, promoted("test-2"))
    assert client.get(keyspace.LIVE) == before
    assert models.put_in_force(client, promoted("test-2"), own_catalogue=True).own_catalogue
    assert models.in_force(client) == "test-2"


GUARD = """  - id: no_sales_during_complaint
    stage: suitable
    applies_to: all
"""
assert GUARD in TEXT
UNGUARDED = TEXT.replace(GUARD, GUARD.replace("all", "{domains: [everyday]}"))
"""Its own assertion about mortgages during a complaint is not true."""
ENDED = TEXT.replace(
    "policy_set: {owner: customer care}",
    "policy_set: {owner: customer care, valid_to: 2026-11-22}",
)


@pytest.mark.parametrize(
    ("text", "path", "why"),
    [
        (UNGUARDED, "assertions[4].never", "product 'mortgage' is possible"),
        (ENDED, "policy_set.valid_to", "this policy set ended on 2026-11-22"),
    ],
)
def test_a_model_brings_no_catalogue_that_could_not_be_published_unless_forced(
    client: redis.Redis, valkey: EmbeddedValkey, text: str, path: str, why: str
) -> None:
    assert text != TEXT
    models.offer(client, Card("test-2", "", {}, "", "me"), text, files(2))
    features = FeatureSpec.from_catalogue(parse_catalogue(OTHER_FEATURES, "other")).digest
    newer = artefact_files(vocabulary(), tuple(bank().products), features_digest=features, seed=1)
    publish(client, [person("ann")], pack_bundle(OTHER_FEATURES, newer), Publication())
    before = client.get(keyspace.LIVE)
    with pytest.raises(models.CatalogueOfThen, match="what was in force stays") as caught:
        models.put_in_force(client, promoted("test-2"), own_catalogue=True)
    (problem,) = str(caught.value).splitlines()[1:]
    assert problem.startswith("test-2/catalogue.yaml:")
    assert f" {path}: {why}" in problem
    assert client.get(keyspace.LIVE) == before
    assert models.moves(client) == ()
    done = models.put_in_force(client, promoted("test-2"), own_catalogue=True, force=True)
    assert models.in_force(client) == "test-2"
    (move,) = models.moves(client)
    assert move.findings == done.overruled == (problem,)


def test_what_fits_the_rules_in_force_is_not_asked_about_the_catalogue_it_learnt_with(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    publish_bank(valkey.url, [person("ann")], seed=1)
    models.offer(client, Card("test-2", "", {}, "", "me"), ENDED, files(2))
    done = models.put_in_force(client, promoted("test-2"), own_catalogue=True)
    assert not done.own_catalogue
    assert done.overruled == ()


def test_what_is_not_on_offer_cannot_be_put_in_force(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    publish_bank(valkey.url, [person("ann")], seed=1)
    with pytest.raises(NotFound):
        models.put_in_force(client, promoted("test-2"))


def test_before_the_first_publication_there_is_nothing_to_change(client: redis.Redis) -> None:
    with pytest.raises(NothingInForce):
        models.put_in_force(client, promoted(offer(client, 2)))


def test_a_damaged_model_is_not_offered(client: redis.Redis) -> None:
    damaged = {**files(2), "model.safetensors": b"damaged"}
    with pytest.raises(ArtefactError):
        models.offer(client, Card("test-2", "", {}, "", "me"), TEXT, damaged)
    assert client.dbsize() == 0


def test_only_the_last_models_and_bundles_stay_and_the_one_in_force_among_them(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    publish_bank(valkey.url, [person("ann")], seed=1)
    offer(client, 1, at="2026-11-01")
    for seed in range(2, 9):
        offer(client, seed, at=f"2026-11-{seed + 1:02d}")
    assert {card.version for card in models.cards(client)} == {
        "test-1",
        *(f"test-{seed}" for seed in range(4, 9)),
    }
    for seed in (5, 6, 7):
        models.put_in_force(client, promoted(f"test-{seed}"))
    assert len(list(client.scan_iter(match="raak:live:*"))) == models.KEEP_BUNDLES


def test_operators_see_and_promote_models_and_nobody_else_does(
    valkey: EmbeddedValkey, client: redis.Redis, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann")], seed=1)
    offer(client, 2)

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            path = "/v1/models/test-2/promote"
            for scope in Scope:
                if scope is not Scope.PROMOTE:
                    refused = await service.client.post(path, headers=service.key(scope))
                    assert refused.status_code == 403
            for headers in ({}, token("ann", list(Scope))):
                refused = await service.client.post(path, headers=headers)
                assert refused.status_code in {401, 403}
            assert models.in_force(client) == "test-1"
            key = service.key(Scope.PROMOTE)
            missing = await service.client.post("/v1/models/test-9/promote", headers=key)
            assert missing.status_code == 404
            done = await service.client.post(path, headers=key)
            assert done.status_code == 200, done.text
            assert done.json()["previous"] == "test-1"
            await service.sees(done.json()["bundle"])
            said = (await service.get("/v1/models", service.key(Scope.MODELS))).json()
            assert said["in_force"]["model"] == "test-2"
            assert [card["version"] for card in said["models"]] == ["test-2"]
            (move,) = said["moves"]
            assert (move["kind"], move["version"], move["previous"], move["by"]) == (
                "promoted",
                "test-2",
                "test-1",
                "test",
            )

    asyncio.run(scenario())


def test_a_model_that_does_not_fit_is_a_409_that_says_why(
    valkey: EmbeddedValkey, client: redis.Redis, tmp_path: Path
) -> None:
    offer(client, 2)
    features = FeatureSpec.from_catalogue(parse_catalogue(OTHER_FEATURES, "other")).digest
    newer = artefact_files(vocabulary(), tuple(bank().products), features_digest=features)
    publish(client, [person("ann")], pack_bundle(OTHER_FEATURES, newer), Publication())

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            key = service.key(Scope.PROMOTE)
            refused = await service.client.post("/v1/models/test-2/promote", headers=key)
            assert refused.status_code == 409
            assert "other features" in refused.json()["detail"]

    asyncio.run(scenario())


def test_with_redis_away_a_promotion_is_a_503_not_a_fault(
    own_valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(own_valkey.url, [person("ann")], seed=1)

    async def scenario() -> None:
        async with served(own_valkey.url, tmp_path) as service:
            own_valkey.stop()
            key = service.key(Scope.PROMOTE)
            refused = await service.client.post("/v1/models/test-2/promote", headers=key)
            assert refused.status_code == 503

    asyncio.run(scenario())


class Readers(threading.Thread):
    """Asks without pause, and keeps count of what came back."""

    def __init__(self, url: str, key: str) -> None:
        super().__init__()
        self._url, self._key = url, key
        self.enough = threading.Event()
        self.seen: Counter[tuple[int, str, bool]] = Counter()
        self.failed: list[Exception] = []
        self.latest = ""

    def run(self) -> None:
        with httpx.Client(headers={"x-api-key": self._key}) as client:
            number = 0
            while not self.enough.is_set():
                number += 1
                try:
                    response = client.get(self._url.format(f"a{number % 20}"))
                except httpx.HTTPError as error:
                    self.failed.append(error)
                    continue
                said = response.json()
                self.latest = said["versions"]["model"]
                self.seen[response.status_code, self.latest, said["degraded"]] += 1


def test_models_change_under_load_within_a_second_and_no_request_is_lost(
    valkey: EmbeddedValkey, client: redis.Redis, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person(f"a{number}") for number in range(20)], seed=1)
    for seed in (1, 2):
        offer(client, seed)
    key, text = new_key("load", [Scope.RECOMMENDATIONS])
    write_keys(tmp_path / "keys.yaml", KeyRing([key]))
    port = free_port()
    settings = {
        "RAAK_REDIS_URL": valkey.url,
        "RAAK_REDIS_TIMEOUT_MS": "5000",  # the machine may be busy; what is tested is the swap
        "RAAK_API_KEYS_FILE": str(tmp_path / "keys.yaml"),
    }
    with running_service(port, settings):
        url = f"http://{HOST}:{port}/v1/accounts/{{}}/recommendations"
        readers = [Readers(url, text) for _ in range(4)]
        for reader in readers:
            reader.start()
        slowest = 0.0
        try:
            for number in range(SWITCHES):
                version = f"test-{2 - number % 2}"
                models.put_in_force(client, promoted(version))
                started = time.monotonic()
                await_all(readers, version, started + 10 * WITHIN_S)
                slowest = max(slowest, time.monotonic() - started)
        finally:
            for reader in readers:
                reader.enough.set()
            for reader in readers:
                reader.join()
    seen = sum((reader.seen for reader in readers), Counter())
    assert [error for reader in readers for error in reader.failed] == []
    assert {(status, degraded) for status, _, degraded in seen} == {(200, False)}
    assert {version for _, version, _ in seen} == {"test-1", "test-2"}
    assert slowest < WITHIN_S


def await_all(readers: list[Readers], version: str, deadline: float) -> None:
    while any(reader.latest != version for reader in readers):
        assert time.monotonic() < deadline, "the service did not follow"
        time.sleep(0.001)
