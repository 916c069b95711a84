"""The garbage collector, kept from pausing a process that serves or folds."""

from __future__ import annotations

import gc

NEW_OBJECTS = 50_000
"""How many more container objects than before make the garbage collector look at the young."""


def spare_pauses() -> None:
    """Keep the garbage collector from pausing requests and events.

    Looking through all that the libraries made at import takes it tens of milliseconds, and finds
    nothing: none of that ever becomes garbage. A request or a batch of events leaves no cycles
    behind either, so the collector need not look after every few hundred objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 100)
