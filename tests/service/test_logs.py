"""What goes on for hours does not fill a disk, and nothing new is lost in it."""

from __future__ import annotations

import logging
import subprocess
import sys
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from service.logs import QUIET_S, Repeats


def record(line: str, name: str = "service.events.worker") -> logging.LogRecord:
    return logging.LogRecord(name, logging.WARNING, __file__, 1, "%s", (line,), None)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, QUIET_S)), min_size=1, max_size=60))
def test_a_line_is_said_at_once_and_again_only_after_a_while(
    steps: list[tuple[str, float]],
) -> None:
    now = 0.0
    repeats = Repeats(lambda: now)
    said: dict[str, list[float]] = {}
    for line, pause in steps:
        now += pause
        if repeats.filter(record(line)):
            said.setdefault(line, []).append(now)
        assert now - said[line][-1] < QUIET_S
    assert all(
        later - sooner >= QUIET_S for times in said.values() for sooner, later in pairwise(times)
    )


def test_the_same_words_of_another_part_are_another_line() -> None:
    repeats = Repeats(lambda: 0.0)
    assert repeats.filter(record("away", "service.events.worker"))
    assert repeats.filter(record("away", "service.alerts.sweep"))
    assert not repeats.filter(record("away", "service.events.worker"))


SAYS_IT_THRICE = """
import logging.config
from service.logs import logging_config
logging.config.dictConfig(logging_config("info"))
for _ in range(3):
    logging.getLogger("service.anything").warning("Redis is away")
"""


def test_services_and_workers_log_so() -> None:
    said = subprocess.run(
        [sys.executable, "-c", SAYS_IT_THRICE], capture_output=True, text=True, check=True
    )
    assert said.stderr.count("Redis is away") == 1
