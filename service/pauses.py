"""What makes a Python process pause while somebody waits for it, and how it pauses less."""

from __future__ import annotations

import gc
import sys

NEW_OBJECTS = 50_000
"""How many more container objects than before make the garbage collector look at the young."""

TURN_S = 0.001
"""How long a thread computes before another one that wants to has its turn; by default 5 ms."""


def spare_pauses() -> None:
    """Keep the garbage collector from pausing requests and events.

    Looking through all that the libraries made at import takes it tens of milliseconds, and finds
    nothing: none of that ever becomes garbage. A request or a batch of events leaves no cycles
    behind either, so the collector need not look after every few hundred objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 100)


def take_short_turns() -> None:
    """For threads of which some compute and one must be quick: it waits its turn after each answer
    that it gets from Redis, several times a batch.
    """
    sys.setswitchinterval(TURN_S)
