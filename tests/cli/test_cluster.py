"""A Redis Cluster is refused where anything starts, in one clear line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.bank import catalogue_file
from cli.embedded import free_port, start
from cli.main import main
from service.errors import ClusterUnsupported, StoreUnavailable
from service.store.cluster import refuse_cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = start(free_port(), tmp_path_factory.mktemp("cluster"), cluster=True)
    yield server.url
    server.stop()


@pytest.mark.parametrize(
    "command",
    [
        ["serve", "--port", "0"],
        ["worker"],
        ["worker", "--dead"],
        ["models", "--registry", "."],
        ["publish", "--tables", ".", "--model", ".", "--catalogue", str(catalogue_file())],
    ],
    ids=" ".join,
)
def test_nothing_starts_on_a_cluster(cluster: str, command: list[str]) -> None:
    said = CliRunner(env={"RAAK_REDIS_URL": cluster}).invoke(main, command)
    assert said.exit_code == 2
    (line,) = said.stderr.splitlines()
    assert line.startswith("error: RAAK_REDIS_URL points to a Redis Cluster, which Raak does not")


def test_the_doctor_sees_it(cluster: str) -> None:
    said = CliRunner(env={"RAAK_REDIS_URL": cluster}).invoke(main, ["doctor"])
    assert said.exit_code == 2
    assert "WRONG  RAAK_REDIS_URL points to a Redis Cluster" in said.output


def test_a_server_that_is_no_cluster_or_not_there_is_let_pass(tmp_path: Path) -> None:
    server = start(free_port(), tmp_path)
    refuse_cluster(server.url)
    server.stop()
    refuse_cluster(server.url)


def test_what_is_no_address_is_told_without_repeating_it() -> None:
    with pytest.raises(StoreUnavailable, match="RAAK_REDIS_URL: Redis URL must") as refusal:
        refuse_cluster("http://:hunter2@localhost")
    assert "hunter2" not in str(refusal.value)
    assert not isinstance(refusal.value, ClusterUnsupported)
