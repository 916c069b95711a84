"""Children that end with this process, even when it is killed and can tell nobody.

They inherit the reading end of a pipe of which only this process has the writing end. Whatever ends
this process, the kernel then closes that, and whoever reads sees the end of the file. A binary like
Valkey's cannot be taught to look, so `cli/tied.py` puts a watcher beside each child.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO

TIED = Path(__file__).with_name("tied.py")


@cache
def _lifeline() -> int:
    """The reading end. The writing end stays open for as long as this process lives."""
    reading, _ = os.pipe()
    return reading


def start_tied(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command`, an absolute path and its arguments; the process id is the command's own.

    It is told SIGTERM when this process is gone, and SIGKILL a little later. `output` takes what it
    prints and what it complains of; default: where this process writes to.
    """
    lifeline = _lifeline()
    # -I -S: the watcher needs nothing of ours, and is there in a few milliseconds
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(TIED), str(lifeline), *command],
        env=env,
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
        pass_fds=[lifeline],
        start_new_session=True,  # Ctrl-C is ours to handle: last in, first out
    )
