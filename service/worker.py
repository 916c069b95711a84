"""What each worker process runs: the application, built from that process's environment."""

from __future__ import annotations

import faulthandler

from service.app import Application, create_app
from service.pauses import spare_pauses
from service.settings import Settings


def create() -> Application:
    faulthandler.enable()  # a crash in a library says where, instead of nothing
    app = create_app(Settings())
    spare_pauses()
    return app
