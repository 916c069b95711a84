"""Logging: one line an event on standard error, with the worker that says it. No request is logged,
so no credentials and no personal data end up in a log.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

QUIET_S = 10.0
"""So long a line is not said again: what is wrong for hours must not fill a disk."""
MOST_LINES = 1_000
"""That are remembered, before all are forgotten."""


class Repeats(logging.Filter):
    """Lets a line through once in `QUIET_S`; what differs in a word is another line."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        line, now = (record.name, record.getMessage()), self._clock()
        if now - self._said.get(line, -QUIET_S) < QUIET_S:
            return False
        if len(self._said) >= MOST_LINES:
            self._said.clear()
        self._said[line] = now
        return True


def logging_config(level: str) -> dict[str, Any]:
    """For `logging.config.dictConfig`."""
    plain = {"format": "%(asctime)s %(levelname)s [%(process)d] %(name)s: %(message)s"}
    handler = {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["repeats"]}
    own = {"handlers": ["stderr"], "level": level.upper(), "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": plain},
        "filters": {"repeats": {"()": "service.logs.Repeats"}},
        "handlers": {"stderr": handler},
        "loggers": {"service": own, "uvicorn": own},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
    }
