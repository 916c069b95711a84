"""Models change under `wrk`, by the commands that operators give, and no request is lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from bench.events_stage import service
from bench.serving.load import read_wrk, wrk
from bench.serving.measure import get
from cli.demo.service import HOST, raak
from cli.embedded import EmbeddedValkey
from recommender.features import FeatureSpec
from service.publish import models
from tests.recommender.bank import CATALOGUE_FILE, bank, vocabulary
from tests.recommender.models import artefact_files
from tests.service.bank import person, publish_bank
from training.registry import Registry

pytestmark = pytest.mark.skipif(
    shutil.which("wrk") is None, reason="wrk not found: apt-get install wrk"
)

PEOPLE = 200
WITHIN_S = 1.0
PATIENCE_S = 60.0
"""For a command to reach Redis, on a machine that wrk keeps busy; and for wrk itself."""
FORCED = ("--force", "--reason", "what is tested is the swap")


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """`test-1` and `test-2`, models of the catalogue that is in force."""
    place = tmp_path / "registry"
    catalogue = bank()
    digest = FeatureSpec.from_catalogue(catalogue).digest
    for seed in (1, 2):
        files = artefact_files(
            vocabulary(), tuple(catalogue.products), features_digest=digest, seed=seed
        )
        files["catalogue.yaml"] = CATALOGUE_FILE.read_bytes()
        Registry(str(place)).add(f"test-{seed}", files, at="2026-11-23T00:00:00", by="a test")
    return place


@contextmanager
def loaded(url: str, key: str, ids: Path) -> Iterator[Callable[[], str]]:
    """wrk asks without pause; what is yielded ends that, and returns what wrk says of it."""
    command = wrk(url, key, 10 * PATIENCE_S, ids)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:

        def enough() -> str:
            assert process.poll() is None, "wrk ended before the last model was in force"
            process.send_signal(signal.SIGINT)  # it stops, and sums up
            return process.communicate(timeout=PATIENCE_S)[0]

        try:
            yield enough
        finally:
            process.kill()


class Operator:
    """Gives commands, and sees how long the service takes to follow."""

    def __init__(self, client: redis.Redis, url: str, key: str, settings: dict[str, str]) -> None:
        self._client, self._url, self._key = client, url, key
        self._environment = {**os.environ, **settings}

    def answers_with(self) -> str:
        said = json.loads(get(self._url.replace("ACCOUNT", "a0"), self._key))
        assert not said["degraded"]
        version: str = said["versions"]["model"]
        return version

    def followed(self, version: str, command: str, *arguments: str) -> float:
        """Seconds from Redis having `version` in force to an answer that says so."""
        with subprocess.Popen(raak(command, *arguments), env=self._environment) as process:
            try:
                in_force = _awaited(lambda: models.in_force(self._client) == version)
                answered = _awaited(lambda: self.answers_with() == version)
                assert process.wait(PATIENCE_S) == 0
            finally:
                process.kill()
        return answered - in_force


def _awaited(happened: Callable[[], bool]) -> float:
    """When it had happened."""
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
    return time.monotonic()


def test_promotions_and_rollbacks_under_load_lose_no_request_and_show_within_a_second(
    valkey: EmbeddedValkey, registry: Path, tmp_path: Path
) -> None:
    people = [person(f"a{number}") for number in range(PEOPLE)]
    publish_bank(valkey.url, people, seed=1)
    ids = tmp_path / "ids"
    ids.write_text("".join(f"{one.account_id}\n" for one in people))
    patient = {"RAAK_REDIS_TIMEOUT_MS": "5000"}  # wrk takes all there is; the swap is tested
    with (
        redis.Redis.from_url(valkey.url) as client,
        service(valkey.url, tmp_path, **patient) as (sender, settings),
    ):
        url = f"http://{HOST}:{sender.port}/v1/accounts/ACCOUNT/recommendations"
        settings["RAAK_REGISTRY"] = str(registry)
        operator = Operator(client, url, sender.key, settings)
        assert operator.answers_with() == "test-1"
        with loaded(url, sender.key, ids) as enough:
            followed = [
                operator.followed("test-2", "promote", "test-2", *FORCED),
                operator.followed("test-1", "promote", "test-1", *FORCED),
                operator.followed("test-2", "rollback"),
            ]
            said = enough()
    assert read_wrk(said).rate > 0  # which raises where a request was not answered
    assert max(followed) < WITHIN_S
