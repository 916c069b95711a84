"""`raak demo` as a newcomer runs it, as a real process: a small bank, the README's questions."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.demo.service import HOST, raak
from cli.embedded import EmbeddedValkey, free_port
from tests.cli.test_lifeline import runs

# What a shell starts in the background ignores SIGINT, and so would every demo started from here.
signal.signal(signal.SIGINT, signal.default_int_handler)

SMALL = ("--accounts", "3000", "--months", "12")
PATIENCE_SECONDS = 240


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tests of this file keep the bank, so that only the first one builds it."""
    return tmp_path_factory.mktemp("demo")


def demo(data: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        raak("demo", "--data", data, *SMALL, *arguments),
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def environment(settings: dict[str, str]) -> dict[str, str]:
    """This process's, without what would point the demo to somebody else's Redis."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAAK_")}
    return kept | settings


@pytest.fixture(scope="module")
def first_run(data: Path) -> subprocess.CompletedProcess[str]:
    return demo(data, "--once", "--port", "0")


def test_the_readmes_questions_are_answered_right(
    first_run: subprocess.CompletedProcess[str],
) -> None:
    assert first_run.returncode == 0, first_run.stdout + first_run.stderr
    assert "NOT " not in first_run.stdout
    assert "ok   a savings product comes first" in first_run.stdout
    assert "ok   the rule that withholds the mortgage is named" in first_run.stdout


@pytest.mark.usefixtures("first_run")
def test_the_second_run_keeps_what_was_built_and_may_use_a_redis_of_yours(
    data: Path, valkey: EmbeddedValkey
) -> None:
    second = demo(data, "--once", "--port", "0", RAAK_REDIS_URL=valkey.url)
    assert second.returncode == 0, second.stdout + second.stderr
    assert second.stdout.count("from an earlier run") == 2


@contextmanager
def serving(data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A demo that waits for Ctrl-C, and what it printed until then."""
    with subprocess.Popen(
        raak("demo", "--data", data, *SMALL, "--port", free_port()),
        env=environment({}),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if line.startswith("Ctrl-C"):
                break
        try:
            yield process, printed
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def printed(data: Path, first_run: subprocess.CompletedProcess[str]) -> Iterator[str]:
    """What a demo printed that serves while the tests of this file look at it."""
    assert first_run.returncode == 0
    with serving(data) as (_, text):
        yield text


def port_in(text: str) -> int:
    return int(re.findall(rf"http://{HOST}:(\d+)", text)[0])


def listening(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://{HOST}:{port}/health/live", timeout=1).close()
    except OSError:
        return False
    return True


def children(process_id: int) -> set[int]:
    """Ids of the processes that `process_id` started and that have not ended (Linux)."""
    listed = Path(f"/proc/{process_id}/task/{process_id}/children")
    return {int(child) for child in listed.read_text().split()}


def left_of(processes: set[int]) -> set[int]:
    """Those that still run after a while; one that ended and waits to be asked about does not."""
    gone_by = time.monotonic() + 15
    while (left := set(filter(runs, processes))) and time.monotonic() < gone_by:
        os.sched_yield()
    return left


def test_what_it_prints_can_be_pasted(printed: str) -> None:
    lines = [line.strip() for line in printed.splitlines()]
    key = next(line.removeprefix("KEY=") for line in lines if line.startswith("KEY="))
    command = next(line for line in lines if "X-API-Key" in line)
    _, _, _, header, url, *_ = shlex.split(command)
    name, _, value = header.replace("$KEY", key).partition(": ")
    request = urllib.request.Request(url, headers={name: value})
    with urllib.request.urlopen(request, timeout=5) as response:
        assert b'"savings' in response.read()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts processes in /proc")
@pytest.mark.usefixtures("first_run")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_it_stops_everything_that_it_started(data: Path, number: signal.Signals, code: int) -> None:
    with serving(data) as (process, text):
        port = port_in(text)
        started = children(process.pid)
        assert len(started) == 3  # Valkey, the worker and the service
        process.send_signal(number)
        assert process.wait(timeout=20) == code
    assert not listening(port)
    assert left_of(started) == set()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts processes in /proc")
@pytest.mark.usefixtures("first_run")
def test_killed_it_leaves_nothing_behind_either(data: Path) -> None:
    with serving(data) as (process, text):
        started = children(process.pid)
        assert len(started) == 3
        process.kill()
    assert left_of(started) == set()
    assert not listening(port_in(text))


def test_a_taken_port_is_one_line_and_exit_code_2(printed: str, data: Path) -> None:
    port = port_in(printed)
    second = demo(data, "--port", str(port))
    assert second.returncode == 2
    assert re.fullmatch(rf"error: port {port} on {HOST} is taken .*\n", second.stderr)
