"""What each worker process runs: the application, built from that process's environment."""

from __future__ import annotations

from service.app import Application, create_app
from service.settings import Settings


def create() -> Application:
    return create_app(Settings())
