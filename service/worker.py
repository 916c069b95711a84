"""What each worker process runs: the application, built from that process's environment."""

from __future__ import annotations

import gc

from service.app import Application, create_app
from service.settings import Settings

NEW_OBJECTS = 50_000
"""How many more container objects than before make the garbage collector look at the young."""


def create() -> Application:
    app = create_app(Settings())
    spare_requests()
    return app


def spare_requests() -> None:
    """Keep the garbage collector from pausing requests.

    Looking through all that the libraries made at import takes it tens of milliseconds, and finds
    nothing: none of that ever becomes garbage. A request leaves no cycles behind either, so the
    collector need not look after every few hundred objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 100)
