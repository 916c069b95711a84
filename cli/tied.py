"""A script: `tied.py LIFELINE COMMAND ...` becomes COMMAND, with a watcher as its child.

The watcher ends COMMAND when the pipe LIFELINE, a file descriptor, reaches its end: see
`cli.lifeline`. It is a child and not a parent so that COMMAND keeps the process id that its starter
knows, and because a parent's id is never somebody else's: it changes when the parent ends.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time

LOOK_EVERY_S = 1.0
"""So long a watcher outlives its command at most."""

GRACE_S = 3.0
"""Between the two signals: time to finish what is under way."""


def main() -> None:
    lifeline, command = int(sys.argv[1]), sys.argv[2:]
    process_id = os.getpid()
    if os.fork():
        os.close(lifeline)
        os.execv(command[0], command)  # noqa: S606  # no shell is wanted
    watch(lifeline, process_id)


def watch(lifeline: int, process_id: int) -> None:
    """Return when the parent, `process_id`, has ended: by itself, or by us once `lifeline` ends."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # whoever reads what the command prints must see it end
        os.dup2(nothing, stream)
    while os.getppid() == process_id:
        ended, _, _ = select.select([lifeline], [], [], LOOK_EVERY_S)
        if ended:
            end(process_id)
            return


def end(process_id: int) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        due = time.monotonic() + GRACE_S
        if os.getppid() == process_id:
            os.kill(process_id, number)
        while os.getppid() == process_id and time.monotonic() < due:
            time.sleep(0.02)


if __name__ == "__main__":
    main()
