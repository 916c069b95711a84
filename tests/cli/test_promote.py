"""`raak models`, `raak promote` and `raak rollback` on a registry that `raak train` filled."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest
import redis
from click.testing import CliRunner, Result

from cli.bank import catalogue_file
from cli.embedded import EmbeddedValkey, free_port
from cli.main import main
from cli.promote import MOST_STAGES
from recommender import keyspace
from recommender.catalogue import parse_catalogue
from recommender.features import FeatureSpec
from recommender.live import pack_bundle
from recommender.registry import Move, MoveKind
from service.publish import Publication, models, publish
from tests.recommender.bank import bank, vocabulary
from tests.recommender.models import artefact_files
from tests.service.bank import person
from training.registry import Registry
from training.tables import write_tables
from training.world import generate

ACCOUNTS = 600


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    catalogue = parse_catalogue(catalogue_file().read_text(encoding="utf-8"), "catalogue.yaml")
    today = datetime.now(UTC).date()
    made = generate(catalogue, accounts=ACCOUNTS, months=12, seed=5, until=today)
    write_tables(folder, made.frames())
    return folder


@pytest.fixture(scope="module")
def filled(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with an honest model and one that learnt from shuffled labels."""
    place = tmp_path_factory.mktemp("registry")
    train(tables, place)
    shuffled = tmp_path_factory.mktemp("shuffled")
    for file in tables.glob("*.parquet"):
        shutil.copy(file, shuffled)
    holdings = pd.read_parquet(tables / "holdings.parquet").astype({"product_id": "str"})
    taken = np.random.default_rng(1).permutation(holdings["product_id"].to_numpy())
    holdings.assign(product_id=taken).to_parquet(shuffled / "holdings.parquet")
    train(shuffled, place)
    return place


def train(tables: Path, place: Path) -> None:
    where = ("--tables", str(tables), "--catalogue", str(catalogue_file()), "--out", str(place))
    said = CliRunner().invoke(main, ["train", *where])
    assert said.exit_code == 0, said.output


class Bench:
    """A copy of the registry for one test, and the commands on it."""

    def __init__(self, place: Path, tables: Path, url: str = "") -> None:
        self.place, self.tables, self.url = place, tables, url
        added = [move.version for move in self.registry.ledger().moves]
        self.honest, self.shuffled = added

    @property
    def registry(self) -> Registry:
        return Registry(str(self.place))

    def raak(self, command: str, *arguments: object) -> Result:
        environment = {"RAAK_REDIS_URL": self.url, "RAAK_REGISTRY": str(self.place)}
        return CliRunner(env=environment).invoke(main, [command, *map(str, arguments)])

    def done(self, command: str, *arguments: object) -> str:
        said = self.raak(command, *arguments)
        assert said.exit_code == 0, said.output
        return said.output

    def promote(self, version: str) -> Result:
        return self.raak("promote", version, "--tables", self.tables)


@pytest.fixture
def bench(filled: Path, tables: Path, tmp_path: Path) -> Bench:
    place = tmp_path / "registry"
    shutil.copytree(filled, place)
    return Bench(place, tables)


def refused(said: Result, *words: str) -> None:
    assert said.exit_code == 2, said.output
    assert "Traceback" not in said.output
    for word in words:
        assert word in said.stderr


def test_what_training_added_is_listed_as_it_was_tried(bench: Bench) -> None:
    listed = bench.done("models", "--history").splitlines()
    assert "nDCG@5" in listed[0]
    (challenger,) = [line for line in listed if line.endswith("challenger")]
    assert challenger.startswith(bench.shuffled)
    assert sum("added" in line for line in listed) == 2


def test_an_honest_model_becomes_champion_and_its_numbers_are_shown(bench: Bench) -> None:
    said = bench.promote(bench.honest)
    assert said.exit_code == 0, said.output
    assert f"champion: {bench.honest} (before: none)" in said.output
    assert "popularity within life stage" in said.output
    verdict, *rest = said.output.splitlines()[1:]  # after the bar's label
    assert verdict.startswith("champion: ")
    assert len(rest) < 20
    assert "RAAK_REDIS_URL is not set" in said.output
    assert bench.registry.ledger().champion == bench.honest


def test_a_worse_model_is_refused_with_the_numbers_and_the_refusal_is_noted(bench: Bench) -> None:
    bench.promote(bench.honest)
    said = bench.promote(bench.shuffled)
    refused(said, "is refused", f"{bench.honest} stays champion", "nDCG@5, as tried, 0.")
    verdict, tried, *rest = said.stderr.splitlines()
    assert verdict == f"error: {bench.shuffled} is refused, {bench.honest} stays champion"
    assert "--details lists them" in tried
    assert len(rest) < 20
    assert sum(" rows), " in line for line in rest) == MOST_STAGES
    whole = bench.raak("promote", bench.shuffled, "--tables", bench.tables, "--details")
    assert sum(" rows), " in line for line in whole.stderr.splitlines()) > MOST_STAGES
    ledger = bench.registry.ledger()
    assert ledger.champion == bench.honest
    assert ledger.moves[-1].kind is MoveKind.REFUSED
    assert ledger.moves[-1].findings


def test_force_needs_a_reason_which_stays_in_the_history(bench: Bench) -> None:
    bench.promote(bench.honest)
    for arguments in (("--force",), ("--reason", "no gate")):
        refused(bench.raak("promote", bench.shuffled, *arguments), "go together")
    reason = "the auditors asked for it"
    bench.done("promote", bench.shuffled, "--tables", bench.tables, "--force", "--reason", reason)
    assert bench.registry.ledger().champion == bench.shuffled
    told = bench.done("models", "--history")
    assert f"because: {reason}" in told
    assert "nDCG@5, as tried," in told, "what the gate held against it is there too"


def test_rolling_back_returns_to_the_champion_before_without_tables(bench: Bench) -> None:
    bench.promote(bench.honest)
    bench.done("promote", bench.shuffled, "--force", "--reason", "a trial")
    said = bench.done("rollback", "--reason", "it was worse")
    assert f"champion: {bench.honest} (before: {bench.shuffled})" in said
    refused(bench.raak("rollback"), "no champion before it")


def test_a_rollback_brings_no_catalogue_of_then_that_has_ended_unless_somebody_answers_for_it(
    bench: Bench, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    bench.promote(bench.honest)
    bench.done("promote", bench.shuffled, "--force", "--reason", "a trial")
    then = bench.place / bench.honest / "catalogue.yaml"
    ended = "policy_set: {owner: customer care, valid_to: 2020-01-01}"
    text = then.read_text("utf-8").replace("policy_set: {owner: customer care}", ended)
    then.write_text(text, "utf-8")
    other = text.replace("tenure_years: {bins: [1, 3, 10]}", "tenure_years: {bins: [1, 3, 9]}")
    other = other.replace(ended, "policy_set: {owner: customer care}")
    features = FeatureSpec.from_catalogue(parse_catalogue(other)).digest
    fits = artefact_files(vocabulary(), tuple(bank().products), features_digest=features)
    with redis.Redis.from_url(valkey.url) as client:
        publish(client, [person("ann")], pack_bundle(other, fits), Publication())
        before = client.get(keyspace.LIVE)
        bench.url = valkey.url
        ledger = bench.registry.ledger()
        said = bench.raak("rollback", "--reason", "it was worse")
        refused(said, "catalogue.yaml:", "policy_set.valid_to", "ended on 2020-01-01", "--force")
        refused(bench.raak("rollback", "--force"), "--force needs --reason")
        assert client.get(keyspace.LIVE) == before
        assert bench.registry.ledger() == ledger
        told = bench.done("rollback", "--force", "--reason", "a fire")
        assert "overruled: " in told
        assert models.in_force(client) == bench.honest
    move = bench.registry.ledger().moves[-1]
    assert move.reason == "a fire"
    assert "policy_set.valid_to" in move.findings[0]
    bench.done("models")
    assert bench.registry.ledger().moves[-1] == move, "the move in Redis is the same one"


def test_two_versions_are_compared_by_the_settings_that_differ(bench: Bench) -> None:
    same = bench.done("models", bench.honest, bench.shuffled)
    assert "hybrid." not in same
    assert bench.shuffled in same
    refused(bench.raak("models", "nonsense"), "no version 'nonsense'", bench.honest)


def test_without_tables_there_is_no_gate_and_so_no_promotion(bench: Bench) -> None:
    refused(bench.raak("promote", bench.honest), "--tables is missing")


def test_redis_follows_and_operators_moves_are_taken_over(
    bench: Bench, valkey: EmbeddedValkey
) -> None:
    bench.url = valkey.url
    source = ("--tables", bench.tables, "--catalogue", catalogue_file())
    bench.done("publish", *source, "--model", bench.place / bench.honest)
    assert "in force: " in bench.promote(bench.honest).output
    bench.done("promote", bench.shuffled, "--force", "--reason", "a trial")
    with redis.Redis.from_url(valkey.url) as client:
        assert models.in_force(client) == bench.shuffled
        bench.done("rollback")
        assert models.in_force(client) == bench.honest
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        models.put_in_force(client, Move(at, MoveKind.PROMOTED, bench.shuffled, "an operator"))
    listed = bench.done("models", "--history")
    assert f"promoted {bench.shuffled} by an operator" in listed
    assert bench.registry.ledger().champion == bench.shuffled
    assert "note: in force" not in listed


def test_a_registry_is_no_model_and_says_which_models_it_has(
    bench: Bench, valkey: EmbeddedValkey
) -> None:
    source = ("--tables", bench.tables, "--catalogue", catalogue_file(), "--model", bench.place)
    newest = bench.registry.versions()[-1]
    bench.url = valkey.url
    said = bench.raak("publish", *source)
    refused(said, "is a registry of models", f"its newest: --model {bench.place / newest}")
    bench.url = ""
    bench.promote(bench.honest)
    bench.url = valkey.url
    said = bench.raak("publish", *source)
    refused(said, f"its champion: --model {bench.place / bench.honest}")


def test_when_redis_fails_nothing_is_noted_and_the_command_can_be_repeated(bench: Bench) -> None:
    bench.url = f"redis://127.0.0.1:{free_port()}/0"
    before = bench.registry.ledger()
    refused(bench.promote(bench.honest), "Redis failed")
    assert bench.registry.ledger() == before


def test_before_the_first_publication_the_registry_waits_too(
    bench: Bench, valkey: EmbeddedValkey
) -> None:
    bench.url = valkey.url
    refused(bench.promote(bench.honest), "nothing is published yet")
    assert bench.registry.ledger().champion is None


def test_a_champion_before_that_was_tidied_away_is_told_and_nothing_changes(bench: Bench) -> None:
    bench.promote(bench.honest)
    bench.done("promote", bench.shuffled, "--force", "--reason", "a trial")
    shutil.rmtree(bench.place / bench.honest)
    refused(bench.raak("rollback"), f"no version '{bench.honest}'")
    assert bench.registry.ledger().champion == bench.shuffled


def test_moves_of_another_registrys_models_are_not_taken_over(
    bench: Bench, valkey: EmbeddedValkey
) -> None:
    bench.promote(bench.honest)
    bench.url = valkey.url
    foreign = Move("2030-01-01", MoveKind.PROMOTED, "of-another", "an operator")
    with redis.Redis.from_url(valkey.url) as client:
        client.rpush(keyspace.MOVES, msgspec.json.encode(foreign))
    bench.done("models")
    assert bench.registry.ledger().champion == bench.honest
