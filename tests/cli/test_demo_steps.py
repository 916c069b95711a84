"""The demo's steps: done once for equal inputs, and never half."""

from __future__ import annotations

import socket
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.demo.once import digest, once
from cli.demo.service import HOST, ServiceFailed, check_port


class Interrupted(Exception):
    pass


def test_a_finished_step_is_not_done_again(tmp_path: Path) -> None:
    done: list[str] = []
    runs = [once(tmp_path / "stamp", "same", lambda: done.append("x")) for _ in range(3)]
    assert runs == [True, False, False]
    assert done == ["x"]


def test_other_inputs_do_it_again(tmp_path: Path) -> None:
    done: list[str] = []
    for inputs in ("old", "new", "old"):
        assert once(tmp_path / "stamp", inputs, partial(done.append, inputs))
    assert done == ["old", "new", "old"]


def test_an_interrupted_step_is_taken_up_again_even_if_it_had_finished_before(
    tmp_path: Path,
) -> None:
    def interrupted() -> None:
        raise Interrupted

    stamp = tmp_path / "stamp"
    once(stamp, "old", lambda: None)
    with pytest.raises(Interrupted):
        once(stamp, "new", interrupted)
    assert once(stamp, "old", lambda: None)


@given(one=st.binary(max_size=20), other=st.binary(max_size=20))
def test_the_digest_changes_exactly_when_a_file_does(
    one: bytes, other: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("inputs") / "catalogue.yaml"
    file.write_bytes(one)
    before = digest([file], 7)
    file.write_bytes(other)
    assert (digest([file], 7) == before) == (one == other)


def test_the_digest_changes_with_any_value(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.yaml"
    file.touch()
    assert len({digest([file], 1, 2), digest([file], 12), digest([file], 1), digest([], 1)}) == 4


def test_a_taken_port_is_one_clear_message_that_says_how_to_choose_another() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServiceFailed, match=f"port {port} .* taken .*--port {port + 1}"):
            check_port(port)


def test_a_free_port_passes() -> None:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    check_port(port)
