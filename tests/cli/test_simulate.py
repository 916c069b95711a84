"""`raak simulate`: what a change would do, before it is live; nothing wrong is ever computed."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.demo.service import raak
from cli.embedded import EmbeddedValkey
from cli.main import main
from recommender.live import open_bundle
from recommender.registry import Move, MoveKind
from tests.recommender.bank import CATALOGUE_FILE, bank
from tests.service.bank import bundle, person, publish_bank
from training.registry import Registry
from training.registry.store import CATALOGUE
from training.tables import write_tables
from training.world import generate

AT = "2026-11-23T08:00:00"
POLICY = """
policies:
  - {id: below_40, stage: eligible, applies_to: {types: [credit]}, when: {age: {at_least: 40}}}
assertions: []
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    made = generate(bank(), accounts=150, months=6, seed=5, until=date(2026, 11, 23))
    write_tables(folder, made.frames())
    return folder


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`one` is champion, `two` is another model that nobody promoted."""
    place = tmp_path_factory.mktemp("registry")
    registry = Registry(str(place))
    for seed, version in enumerate(("one", "two")):
        held = open_bundle(*bundle(seed))
        files = {**held.artefact, CATALOGUE: held.catalogue.encode()}
        registry.add(version, files, at=f"2026-11-0{seed + 1}", by="me")
    registry.record(registry.ledger(), Move("2026-11-03", MoveKind.PROMOTED, "one", "me"))
    return place


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "new.yaml"
    path.write_text(POLICY)
    return path


def simulate(*arguments: object, **env: str) -> Result:
    known = {"RAAK_REDIS_URL": "", "RAAK_REGISTRY": "", **env}
    options = ("--at", AT, "--processes", 1)
    return CliRunner().invoke(main, ["simulate", *map(str, (*options, *arguments))], env=known)


def test_what_would_change_is_printed_and_written_as_a_page(
    tables: Path, registry: Path, policy: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    said = simulate(
        "--registry", registry, "--tables", tables, "--policy", policy, "--out", page
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    for words in ("accounts", "are shown something else", "policy.below_40", "gender (for audit)"):
        assert words in said.stdout
    assert "policy.below_40" in page.read_text(encoding="utf-8")


def test_json_is_equal_bytes_in_two_processes_with_other_hash_seeds_and_numbers_of_cores(
    tables: Path, registry: Path, policy: Path
) -> None:
    outputs = [
        subprocess.run(
            raak("simulate", "--json", "--registry", registry, "--tables", tables,
                 "--policy", policy, "--at", AT, "--processes", processes),
            stdout=subprocess.PIPE,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "RAAK_REDIS_URL": ""},
        ).stdout
        for seed, processes in (("1", 1), ("2", 2))
    ]  # fmt: skip
    assert outputs[0] == outputs[1]
    assert json.loads(outputs[0])["accounts"] == 150


def test_a_whole_catalogue_can_be_tried_and_the_same_one_differs_in_nothing(
    tables: Path, registry: Path
) -> None:
    said = simulate("--registry", registry, "--tables", tables, "--policy", CATALOGUE_FILE)
    assert said.exit_code == 0, said.output
    assert "Nothing differs: 150 accounts" in said.stdout


def test_another_model_can_be_tried_on_a_sample(tables: Path, registry: Path) -> None:
    said = simulate(
        "--registry", registry, "--tables", tables, "--model", "two", "--accounts", 40, "--json"
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    found = json.loads(said.stdout)
    assert (found["accounts"], found["of"]) == (40, 150)
    assert found["changed"]
    assert found["before"]["policy"] == found["after"]["policy"]


def test_what_redis_has_in_force_is_what_it_would_change(
    tables: Path, policy: Path, valkey: EmbeddedValkey
) -> None:
    publish_bank(valkey.url, [person("ann")], seed=1)
    said = simulate("--tables", tables, "--policy", policy, "--json", RAAK_REDIS_URL=valkey.url)
    assert said.exit_code == 0, said.output
    assert json.loads(said.stdout)["before"]["model"] == "test-1"


def test_a_bad_policy_is_refused_before_any_table_is_read(
    registry: Path, policy: Path, tmp_path: Path
) -> None:
    policy.write_text(POLICY.replace("credit", "crdit"))
    nothing_here = tmp_path / "empty"
    nothing_here.mkdir()
    said = simulate("--registry", registry, "--tables", nothing_here, "--policy", policy)
    assert said.exit_code == 2
    (line,) = said.stderr.splitlines()
    assert line.startswith(f"error: {policy}:3 policies[0].applies_to.types[0]: ")
    assert "'credit'" in line


def test_policies_that_have_ended_are_refused(registry: Path, policy: Path, tables: Path) -> None:
    policy.write_text(POLICY + "policy_set: {valid_to: 2026-11-22}\n")
    said = simulate("--registry", registry, "--tables", tables, "--policy", policy)
    assert said.exit_code == 2
    assert "this policy set ended on 2026-11-22" in said.stderr


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((), "nothing is to change: give --policy, or --model, or both"),
        (("--model", "two"), "what is in force? Set RAAK_REDIS_URL, or give --registry"),
        (("--model", "three", "--registry", "{registry}"), "three"),
        (("--model", "two", "--registry", "{empty}"), "{empty} has no champion, so nothing"),
        (
            ("--model", "two", "--registry", "{registry}", "--placement", "hom"),
            "unknown placement 'hom': the catalogue has home",
        ),
        (
            ("--model", "two", "--registry", "{registry}", "--out", "{empty}/no/page.html"),
            "cannot write {empty}/no/page.html: there is no directory {empty}/no",
        ),
        (
            ("--model", "two", "--registry", "{registry}", "--tables", "{empty}"),
            "{empty} has no accounts.parquet or accounts.csv",
        ),
    ],
)
def test_what_is_wrong_is_one_clear_line(
    tables: Path, registry: Path, tmp_path: Path, arguments: tuple[str, ...], error: str
) -> None:
    places = {"registry": registry, "empty": tmp_path}
    filled = [one.format_map(places) for one in arguments]
    said = simulate("--tables", tables, *filled)
    assert said.exit_code == 2, said.output
    assert error.format_map(places) in said.stderr.splitlines()[-1]
