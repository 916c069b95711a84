"""Logging: one line an event on standard error, with the worker that says it. No request is logged,
so no credentials and no personal data end up in a log.
"""

from __future__ import annotations

from typing import Any


def logging_config(level: str) -> dict[str, Any]:
    """For `logging.config.dictConfig`."""
    plain = {"format": "%(asctime)s %(levelname)s [%(process)d] %(name)s: %(message)s"}
    handler = {"class": "logging.StreamHandler", "formatter": "plain"}
    own = {"handlers": ["stderr"], "level": level.upper(), "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": plain},
        "handlers": {"stderr": handler},
        "loggers": {"service": own, "uvicorn": own},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
    }
