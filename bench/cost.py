"""What a `raak` command costs: its seconds, and the peak memory of its own process.

On Linux a child inherits its parent's peak, even across exec. So a process that has hardly any
memory of its own, this module run as a program, stands between the benchmark and the command.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass

from cli.demo.service import raak

TO_BYTES = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock, and megabytes (10^6 bytes)."""

    seconds: float
    peak_mb: float


def cost_of(*arguments: object) -> Cost:
    """What `raak` with `arguments` costs. Raises RuntimeError with what it said when it failed."""
    between = subprocess.run(
        [sys.executable, "-m", "bench.cost", *raak(*arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    if between.returncode:
        raise RuntimeError(f"raak {arguments[0]} failed:\n{between.stdout}{between.stderr}")
    return Cost(**json.loads(between.stdout))


def main(command: list[str]) -> int:
    """Run `command`, print its cost as JSON, return its exit code. What it says goes to stderr."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=sys.stderr)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # it is waited for: nothing more to do
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "peak_mb": usage.ru_maxrss * TO_BYTES / 1e6}))
    return process.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
