"""`raak doctor` names what is wrong, and is silent about secrets."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis
from click.testing import CliRunner, Result

from cli.bank import catalogue_file
from cli.embedded import EmbeddedValkey, embedded_valkey
from cli.main import main
from recommender import keyspace


@pytest.fixture
def in_force(valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch) -> redis.Redis:
    """A Redis in which something is in force, and settings that point to it."""
    monkeypatch.setenv("RAAK_REDIS_URL", valkey.url)
    client = redis.Redis.from_url(valkey.url)
    client.set(keyspace.LIVE, "v1")
    client.set(keyspace.bundle("v1"), b"bundle")
    return client


def doctor(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["doctor", *arguments])


def test_a_machine_in_order_gets_no_complaint(in_force: redis.Redis) -> None:
    result = doctor()
    assert result.exit_code == 0, result.output
    assert "WRONG" not in result.output
    assert "in force: v1" in result.output


def test_an_emptied_redis_is_told_from_one_that_is_away(in_force: redis.Redis) -> None:
    in_force.flushall()
    result = doctor()
    assert result.exit_code == 2
    assert "nothing is in force; publish first" in result.output


def test_a_pointer_without_its_bundle_is_noticed(in_force: redis.Redis) -> None:
    in_force.delete(keyspace.bundle("v1"))
    result = doctor()
    assert result.exit_code == 2
    assert "its bundle is gone" in result.output


def test_an_erasure_that_waits_for_a_worker_is_noted(in_force: redis.Redis) -> None:
    in_force.hset(keyspace.ERASING, "event_log:1", "00")
    said = doctor()
    assert "1 parts of erasures are still to be done" in said.output
    assert said.exit_code == 0


@pytest.mark.parametrize(
    ("appendonly", "fsync", "waits", "said"),
    [
        ("no", "always", False, "note   Redis keeps events in memory only (appendonly no)"),
        ("no", "always", True, "WRONG  RAAK_EVENTS_ON_DISK is set but Redis writes no file"),
        ("yes", "everysec", False, "note   Redis may lose events that were accepted"),
        ("yes", "everysec", True, None),
        ("yes", "always", False, None),
    ],
)
def test_events_that_a_crash_could_take_are_noted(
    in_force: redis.Redis,
    monkeypatch: pytest.MonkeyPatch,
    appendonly: str,
    fsync: str,
    waits: bool,
    said: str | None,
) -> None:
    monkeypatch.setenv("RAAK_EVENTS_ON_DISK", str(waits))
    before = {name: str(in_force.config_get(name)[name]) for name in ("appendonly", "appendfsync")}
    try:
        in_force.config_set("appendfsync", fsync)
        in_force.config_set("appendonly", appendonly)
        output = doctor().output
    finally:
        for name, value in before.items():
            in_force.config_set(name, value)
    if said is None:
        assert "append" not in output
    else:
        assert said in output


def test_a_redis_that_is_away_is_wrong_and_its_password_stays_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with embedded_valkey() as gone:
        pass
    monkeypatch.setenv("RAAK_REDIS_URL", gone.url.replace("//", "//:hunter2@"))
    result = doctor()
    assert result.exit_code == 2
    assert "WRONG  Redis (RAAK_REDIS_URL)" in result.output
    assert "hunter2" not in result.output


@pytest.mark.usefixtures("in_force")
def test_every_wrong_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAAK_JWT_KEY", "too-short")
    monkeypatch.setenv("RAAK_DECISION_TTL_S", "soon")
    result = doctor()
    assert result.exit_code == 2
    assert "RAAK_JWT" in result.output
    assert "RAAK_DECISION_TTL_S" in result.output
    assert "too-short" not in result.output


@pytest.mark.usefixtures("in_force")
def test_a_missing_keys_file_is_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RAAK_API_KEYS_FILE", str(tmp_path / "none.yaml"))
    result = doctor()
    assert result.exit_code == 2
    missing = f"there is no file of API keys {tmp_path / 'none.yaml'}; `raak keys new` makes it"
    assert f"WRONG  RAAK_API_KEYS_FILE: {missing}" in result.output


def test_a_catalogue_by_itself_needs_no_settings_and_no_redis(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RAAK_REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("RAAK_JWT_KEY", "too-short")
    right = doctor(str(catalogue_file()))
    assert right.exit_code == 0, right.output
    assert right.output.count("\n") == 1
    assert right.output.startswith("ok     catalogue raak-bank")
    wrong = tmp_path / "catalogue.yaml"
    text = catalogue_file().read_text(encoding="utf-8")
    wrong.write_text(text.replace("domain: saving", "domain: savin", 1), encoding="utf-8")
    told = doctor(str(wrong))
    assert told.exit_code == 2
    assert "did you mean 'saving'?" in told.output
    assert "Redis" not in told.output


def test_policies_of_a_file_of_their_own_are_read_as_they_would_be_published(
    tmp_path: Path,
) -> None:
    file = tmp_path / "policies.yaml"
    file.write_text("policy_set: {owner: risk, valid_to: 2099-12-31}\n", encoding="utf-8")
    assert doctor(str(catalogue_file()), "--policy", str(file)).exit_code == 0
    file.write_text("policy_set: {owner: risk, valid_to: 2026-01-31}\n", encoding="utf-8")
    told = doctor(str(catalogue_file()), "--policy", str(file))
    assert told.exit_code == 2
    assert f"{file}:1 policy_set.valid_to: this policy set ended on 2026-01-31" in told.output
    alone = doctor("--policy", str(file))
    assert alone.exit_code == 2
    assert "--policy goes with a catalogue" in alone.output


def test_a_catalogue_is_named_once() -> None:
    twice = doctor(str(catalogue_file()), "--catalogue", str(catalogue_file()))
    assert twice.exit_code == 2
    assert "name the catalogue once" in twice.output


@pytest.mark.usefixtures("in_force")
def test_the_demo_banks_catalogue_has_no_mistakes() -> None:
    result = doctor("--catalogue", str(catalogue_file()))
    assert result.exit_code == 0, result.output
    assert "catalogue raak-bank" in result.output


@pytest.mark.usefixtures("in_force")
def test_a_catalogues_mistakes_are_all_told(tmp_path: Path) -> None:
    text = catalogue_file().read_text(encoding="utf-8")
    file = tmp_path / "catalogue.yaml"
    wrong = text.replace("at_least: 18", "at_leest: 18", 1).replace("currency:", "curency:", 1)
    file.write_text(wrong, encoding="utf-8")
    result = doctor("--catalogue", str(file))
    assert result.exit_code == 2
    assert "at_leest" in result.output
    assert "curency" in result.output


def test_policies_that_a_file_leaves_out_are_named_whatever_else_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "policies.yaml"
    own = "{id: mine, stage: suitable, applies_to: all, when: {age: {at_least: 1}}}"
    file.write_text(f"policies: [{own}]\n", encoding="utf-8")
    told = doctor(str(catalogue_file()), "--policy", str(file))
    assert told.exit_code == 2  # the catalogue's assertions do not hold any more
    assert "it leaves out no_sales_during_complaint, no_sales_while_we_are_late" in told.output
    file.write_text(f"policies: [{own}]\nassertions: []\n", encoding="utf-8")
    told = doctor(str(catalogue_file()), "--policy", str(file))
    assert told.exit_code == 0
    assert "it leaves out no_sales_during_complaint" in told.output
    file.write_text("policies: 7\n", encoding="utf-8")
    assert "leaves out" not in doctor(str(catalogue_file()), "--policy", str(file)).output
