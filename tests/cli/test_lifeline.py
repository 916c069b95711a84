"""What a killed process started ends with it, though nobody told them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.demo.service import raak
from cli.lifeline import start_tied
from tests.cli.test_serve import START_S

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="looks for processes in /proc"
)

ROOT = Path(__file__).parents[2]

ALL_THREE = """
import os, sys
from pathlib import Path
from tests.service.bank import person, publish_bank
from cli.embedded import embedded_valkey, free_port
from cli.demo.service import running_service, running_worker

with embedded_valkey() as valkey:
    publish_bank(valkey.url, [person("ann")])
    settings = {"RAAK_REDIS_URL": valkey.url, "RAAK_JWT_KEY": "k" * 32}
    with running_worker(settings), running_service(free_port(), settings):
        own = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text()
        print(own, flush=True)
        sys.stdin.read()
"""

ONE = """
import sys
from cli.lifeline import start_tied

waits = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
start_tied([sys.executable, "-c", waits])
sys.stdin.read()
"""


@contextmanager
def parent(script: str) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A process that started others and waits; and the ids of those."""
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        children = [int(child) for child in process.stdout.readline().split()]
        try:
            yield process, children
        finally:
            process.kill()


def runs(process_id: int) -> bool:
    """Whether it runs; one that ended and that nobody asked about does not."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def await_(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_S
    while not condition():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.01)


def test_valkey_worker_and_service_end_with_whoever_started_them() -> None:
    with parent(ALL_THREE) as (process, children):
        assert len(children) == 3
        assert all(map(runs, children))
        process.kill()
        await_(lambda: not any(map(runs, children)))


def test_a_child_that_hears_no_gentle_signal_ends_too() -> None:
    with parent(ONE) as (process, [child]):
        os.kill(child, signal.SIGSTOP)
        process.kill()
        await_(lambda: not runs(child))


def test_a_child_that_ends_leaves_no_watcher_behind(tmp_path: Path) -> None:
    whose = "import os; print(open(f'/proc/{os.getpid()}/task/{os.getpid()}/children').read())"
    file = tmp_path / "said"
    with file.open("wb") as output:
        child = start_tied([sys.executable, "-c", f"{whose}; raise SystemExit(7)"], output=output)
        assert child.wait(START_S) == 7
    (watcher,) = map(int, file.read_text().split())
    await_(lambda: not runs(watcher))


def test_a_childs_output_ends_when_it_does(tmp_path: Path) -> None:
    file = tmp_path / "said"
    with file.open("wb") as output:
        child = start_tied(raak("--version"), output=output)
        assert child.wait(START_S) == 0
    assert file.read_text().startswith("raak")
