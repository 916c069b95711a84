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
from pathlib import Path

from cli.demo.service import raak

LOOK_EVERY_S = 0.1
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


def peak_of_all_mb(process: subprocess.Popen[str]) -> float:
    """The sum of the peaks of `process` and of all that it starts, once it has ended; Linux only.

    A process that lives for less than `LOOK_EVERY_S` may be missed.
    """
    peaks: dict[int, float] = {}
    while True:
        peaks |= _peaks_below(process.pid)
        try:
            process.wait(LOOK_EVERY_S)
        except subprocess.TimeoutExpired:
            continue
        return sum(peaks.values())


def _peaks_below(root: int) -> dict[int, float]:
    """Megabytes by process: of `root`, and of all that descend from it."""
    parents, peaks = {}, {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            told = dict(
                line.split(":", 1) for line in status.read_text("ascii", "replace").splitlines()
            )
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended just now
        if "VmHWM" in told:  # a process that has ended and is not waited for yet has no memory
            pid = int(told["Pid"])
            parents[pid] = int(told["PPid"])
            peaks[pid] = int(told["VmHWM"].split()[0]) * 1024 / 1e6
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return {pid: peaks[pid] for pid in found if pid in peaks}


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
