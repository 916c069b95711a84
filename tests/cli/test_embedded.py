"""The embedded Valkey is the process we started, and it goes when we say so."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis

from cli.embedded import NO_RETRY, EmbeddedValkey, ValkeyFailed, embedded_valkey, start


def test_the_server_that_answers_is_the_process_that_was_started(valkey: EmbeddedValkey) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        assert client.info("server")["process_id"] == valkey.process.pid


def test_a_test_finds_the_server_empty(valkey: EmbeddedValkey) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        assert client.dbsize() == 0


def test_it_is_gone_after_its_block() -> None:
    with embedded_valkey() as server:
        pass
    assert server.process.returncode is not None
    with (
        redis.Redis.from_url(server.url, retry=NO_RETRY) as client,
        pytest.raises(redis.ConnectionError),
    ):
        client.ping()


def test_a_port_that_another_server_answers_is_refused(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    with pytest.raises(ValkeyFailed):
        start(valkey.port, tmp_path)
