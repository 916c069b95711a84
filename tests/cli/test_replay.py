"""`raak replay`: what a real service showed is in the log and comes out again, byte for byte."""

from __future__ import annotations

import hashlib
import json
import signal
from pathlib import Path

import pytest
import redis
from click.testing import CliRunner, Result

from cli.embedded import EmbeddedValkey
from cli.main import main
from recommender import keyspace
from recommender.decide import decide
from recommender.tombstone import digest
from service.decision_log import again
from service.decision_log.chain import verify
from service.decision_log.pseudonyms import Pseudonyms
from tests.cli.test_worker import PATIENCE_S, until, worker
from tests.recommender.bank import CATALOGUE_FILE
from tests.service.bank import bundle, person, publish_bank
from tests.service.decision_log.serving import logged, rows, show, write


def replay(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["replay", *map(str, arguments)], env={"RAAK_REDIS_URL": ""})


def log_of(url: str, folder: Path, *account_ids: str) -> list[str]:
    """The decisions that were shown, and `folder / "log"` with them."""
    publish_bank(url, [person(account_id) for account_id in account_ids])
    shown = show(url, folder, account_ids, "?limit=3")
    with redis.Redis.from_url(url) as client:
        write(client, folder / "log")
    return shown


def test_a_served_answer_is_found_by_its_id_and_made_again_to_the_same_bytes(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    (shown,) = log_of(valkey.url, tmp_path, "ann")
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()  # months later
    said = replay(shown, "--log", tmp_path / "log")
    assert said.exit_code == 0, said.output
    assert "made again: equal" in said.output
    assert f"in force {bundle()[0]}" in said.output
    (row,) = rows(tmp_path / "log")
    for one in row["shown"]:
        assert f"{one['action_id']}  propensity" in said.output
    assert "probability 1" in said.output
    assert "(propensity) x" in said.output
    assert "ann" not in said.output.replace("annuity", "").replace("channel", "").split()


def test_a_whole_log_is_made_again_without_a_difference(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    log_of(valkey.url, tmp_path, *(f"person-{number}" for number in range(40)))
    said = replay("--all", "--log", tmp_path / "log")
    assert said.exit_code == 0, said.output
    assert "40 decisions: 40 equal, 0 different, 0 erased, 0 impossible" in said.output


def test_a_decision_that_comes_out_otherwise_ends_with_1_and_shows_where(
    valkey: EmbeddedValkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shown,) = log_of(valkey.url, tmp_path, "ann")
    monkeypatch.setattr(
        again, "decide", lambda _, request, live, state: decide(person("eve"), request, live)
    )
    said = replay(shown, "--log", tmp_path / "log")
    assert said.exit_code == 1
    assert "made again: DIFFERENT from byte" in said.output
    assert replay("--all", "--log", tmp_path / "log").exit_code == 1


STRICT = """
policies:
  - id: nothing_for_now
    stage: eligible
    applies_to: all
    when: {days_since: {joined: true, at_least: 40000}}
assertions: []
"""
"""Whatever is offered, it is not any more."""


def test_under_other_policies_what_would_differ_is_shown_rank_by_rank(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    (shown,) = log_of(valkey.url, tmp_path, "ann")
    policy = tmp_path / "new.yaml"
    policy.write_text(STRICT)
    (row,) = rows(tmp_path / "log")
    offers = [one for one in row["shown"] if one["product_id"]]
    assert offers
    said = replay(shown, "--policy", policy, "--log", tmp_path / "log")
    assert said.exit_code == 1, said.output
    for one in offers:
        line = (
            f"{one['rank']} -> -   {one['action_id']}  now withheld: eligible, policy.nothing_for"
        )
        assert line in said.output
    policy.write_text(CATALOGUE_FILE.read_text(encoding="utf-8"))
    said = replay(shown, "--policy", policy, "--log", tmp_path / "log")
    assert said.exit_code == 0, said.output
    assert said.stdout.splitlines()[-1] == "nothing differs"


def test_over_a_whole_log_it_is_counted(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    log_of(valkey.url, tmp_path, *(f"person-{number}" for number in range(20)))
    policy = tmp_path / "new.yaml"
    policy.write_text(STRICT)
    said = replay("--all", "--policy", policy, "--log", tmp_path / "log")
    assert said.exit_code == 1
    assert "20 decisions: 0 alike, 20 shown otherwise, 0 withheld" in said.stdout
    assert "+0 -20" in said.stdout
    policy.write_text(CATALOGUE_FILE.read_text(encoding="utf-8"))
    said = replay("--all", "--policy", policy, "--log", tmp_path / "log")
    assert said.exit_code == 0, said.output
    assert "20 decisions: 20 alike" in said.stdout


def test_a_bad_policy_is_refused_with_its_file_line_and_reason(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    (shown,) = log_of(valkey.url, tmp_path, "ann")
    policy = tmp_path / "new.yaml"
    policy.write_text(STRICT.replace("days_since", "days_sinse"))
    for which in (shown, "--all"):
        said = replay(which, "--policy", policy, "--log", tmp_path / "log")
        assert said.exit_code == 2, said.output
        assert f"error: {policy}:6 policies[0].when" in said.stderr
    said = replay("--verify", "--policy", policy, "--log", tmp_path / "log")
    assert said.stderr.strip() == "error: --policy goes with a DECISION_ID, or with --all"


def test_of_an_erased_account_is_shown_what_was_shown_and_no_more(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    shown, other = log_of(valkey.url, tmp_path, "ann", "bob")
    people = Pseudonyms.open(tmp_path / "log")
    assert people.forget({digest("ann")})
    people.close()
    said = replay(shown, "--log", tmp_path / "log")
    assert said.exit_code == 2
    assert f"error: decision {shown} was made for an account that was erased" in said.stderr
    assert "shown:" in said.stdout
    assert replay(other, "--log", tmp_path / "log").exit_code == 0
    assert replay("--verify", "--log", tmp_path / "log").exit_code == 0
    assert "1 equal, 0 different, 1 erased" in replay("--all", "--log", tmp_path / "log").output


def test_what_is_wrong_is_one_clear_line(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    (shown,) = log_of(valkey.url, tmp_path, "ann")
    log = tmp_path / "log"
    for arguments, error in (
        ((), "error: give a DECISION_ID, or --verify, or --all"),
        (("a", "--verify", "--log", log), "error: give a DECISION_ID, or --verify, or --all"),
        (("a", "--head", "b", "--log", log), "error: --head goes with --verify"),
        (("none", "--log", log), f"error: no decision none in {log}; what was shown a moment"),
        ((shown, "--log", tmp_path), f"error: {tmp_path} is no decision log: it has no chain"),
        (("--verify", "--log", tmp_path), f"error: {tmp_path} is no decision log"),
        (("--verify", "--head", "f" * 64, "--log", log), f"error: {log}/chain.jsonl: no line has"),
    ):
        said = replay(*arguments)
        assert said.exit_code == 2, said.output
        assert said.stderr.splitlines()[-1].startswith(error)
    kept = log / "versions" / f"{bundle()[0]}.bundle"
    content = kept.read_bytes()
    kept.unlink()
    assert replay(shown, "--log", log).stderr.splitlines()[-1].startswith(f"error: {kept} is gone")
    kept.write_bytes(content)
    (part,) = log.glob("day=*/*.parquet")
    changed = bytearray(part.read_bytes())
    changed[50] ^= 1
    part.write_bytes(changed)
    for arguments in (("--verify", "--log", log), ("--all", "--log", log)):
        said = replay(*arguments)
        assert said.exit_code == 2
        assert said.stderr.splitlines()[-1].startswith(f"error: {part}: this file is not the one")


def test_a_log_can_be_verified_and_its_head_noted(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    log_of(valkey.url, tmp_path, "ann")
    said = replay("--verify", "--log", tmp_path / "log")
    assert said.output.startswith("2 files are as they were written; head ")
    head = said.output.split()[-1]
    log_of(valkey.url, tmp_path, "bob")
    assert replay("--verify", "--head", head, "--log", tmp_path / "log").exit_code == 0


def test_a_worker_killed_again_and_again_logs_each_decision_once(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    people = [f"person-{number}" for number in range(60)]
    publish_bank(valkey.url, [person(account_id) for account_id in people])
    settings = {
        "RAAK_REDIS_URL": valkey.url,
        "RAAK_EVENTS_LOG_DIR": str(tmp_path / "events"),
        "RAAK_DECISIONS_LOG_EVERY_S": "0.01",
    }
    log = tmp_path / "decisions"
    shown: list[str] = []
    for kill in range(6):
        started = worker("--role", "log", **settings)
        with started:
            before = len(list(log.glob("day=*/*.parquet")))
            for each in range(10):
                account_id = people[kill * 10 + each]
                shown += show(valkey.url, tmp_path, [account_id], "?limit=2")
            until(lambda: len(list(log.glob("day=*/*.parquet"))) > before)  # noqa: B023
            started.send_signal(signal.SIGKILL)
            started.wait(PATIENCE_S)
    last = worker("--role", "log", **settings)
    with last, redis.Redis.from_url(valkey.url) as client:
        before = len(list(log.glob("day=*/*.parquet")))
        shown += show(valkey.url, tmp_path, people[:1], "?channel=app")
        until(lambda: len(list(log.glob("day=*/*.parquet"))) > before)
        until(lambda: client.xlen(keyspace.DECISIONS) == 0)
        last.send_signal(signal.SIGTERM)
        assert last.wait(PATIENCE_S) == 0
    assert sorted(logged(log)) == sorted(shown)
    assert {row["check"] for row in rows(log)} == {"equal"}
    verify(log)
    assert f"{len(shown)} equal, 0 different" in replay("--all", "--log", log).output


def test_the_log_is_lines_that_anybody_can_check_without_raak(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    log_of(valkey.url, tmp_path, "ann")
    previous = "0" * 64
    for raw in (tmp_path / "log" / "chain.jsonl").read_bytes().splitlines(keepends=True):
        line = json.loads(raw)
        content = (tmp_path / "log" / line["file"]).read_bytes()
        assert line["sha256"] == hashlib.sha256(content).hexdigest()
        assert line["previous"] == previous
        previous = hashlib.sha256(raw).hexdigest()
