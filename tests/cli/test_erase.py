"""`raak erase` and `raak export`: what came of it, and in one clear line what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis
from click.testing import CliRunner, Result

from cli.embedded import EmbeddedValkey, free_port
from cli.main import main
from recommender import keyspace
from tests.service.bank import person, publish_bank


def raak(url: str, *words: str, **settings: str) -> Result:
    return CliRunner(env={"RAAK_REDIS_URL": url, **settings}).invoke(main, list(words))


def test_without_logs_it_is_complete_at_once_and_says_what_went(valkey: EmbeddedValkey) -> None:
    publish_bank(valkey.url, [person("ann"), person("bob")])
    said = raak(valkey.url, "erase", "ann")
    assert said.exit_code == 0, said.output
    lines = [line.split() for line in said.stdout.splitlines()]
    assert ["state", "1"] in lines
    assert ["answers", "1"] in lines
    assert ["event", "log", "no", "such", "log", "is", "kept"] in lines
    assert lines[-1] == ["complete"]
    with redis.Redis.from_url(valkey.url) as client:
        assert not client.exists(keyspace.state("ann"))
        assert client.exists(keyspace.state("bob"))


def test_an_id_nobody_has_is_pointed_out(valkey: EmbeddedValkey) -> None:
    assert "nothing was there: see that the id is right" in raak(valkey.url, "erase", "an").stdout


def test_while_a_log_waits_it_ends_with_3_and_says_what_to_do(valkey: EmbeddedValkey) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        client.set(keyspace.EVENTS_LOGGED, "0-0")
    said = raak(valkey.url, "erase", "ann", "--wait", "0")
    assert said.exit_code == 3
    assert "NOT complete: event_log wait for `raak worker`" in said.stdout
    receipt_id = said.stdout.split()[1].rstrip(",")
    again = raak(valkey.url, "erase", "--receipt", receipt_id)
    assert again.exit_code == 3
    assert again.stdout == said.stdout


def test_a_log_that_cannot_be_written_here_is_left_to_the_worker(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    (tmp_path / "day=2026-11-26").mkdir()
    with redis.Redis.from_url(valkey.url) as client:
        client.set(keyspace.EVENTS_LOGGED, "9-0")  # Redis knows of more than is here
    said = raak(valkey.url, "erase", "ann", "--wait", "0", RAAK_EVENTS_LOG_DIR=str(tmp_path))
    assert said.exit_code == 3
    assert "is not the log that this Redis knows" in said.stderr
    assert "left to the worker that writes it" in said.stderr


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["erase"], "give an ACCOUNT_ID, or --receipt ID"),
        (["erase", "ann", "--receipt", "1"], "give an ACCOUNT_ID, or --receipt ID"),
        (["erase", "{ann}"], "account_id must be 1 to 128 letters, digits or any of . _ ~ @ + : -"),
        (["erase", "--receipt", "1"], "no receipt 1: receipts are kept for 90 days"),
        (["export", "ann"], "nothing is held about ann"),
    ],
)
def test_what_is_wrong_is_one_clear_line(
    valkey: EmbeddedValkey, words: list[str], line: str
) -> None:
    said = raak(valkey.url, *words)
    assert said.exit_code == 2
    assert said.stderr == f"error: {line}\n"


@pytest.mark.parametrize("command", ["erase", "export"])
def test_a_redis_that_is_away_is_one_clear_line(command: str) -> None:
    said = raak(f"redis://127.0.0.1:{free_port()}/0", command, "ann")
    assert said.exit_code == 2
    assert said.stderr.startswith("error: Redis failed: ")
    assert len(said.stderr.splitlines()) == 1
