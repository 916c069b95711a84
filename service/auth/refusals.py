"""What the log says of callers who were refused: one line a minute at most, and never a secret.

Without it "401 for everyone" leaves no trace; with a line each, anybody could fill the disk.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable

from service.errors import Unauthenticated

logger = logging.getLogger(__name__)

QUIET_S = 60.0


class Refusals:
    """Counts refusals by reason, and tells them when the last line is old enough.

    A reason is one of the few that the gate and the verifiers give: none repeats what was sent.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: Counter[str] = Counter()
        self._next_at = clock()

    def note(self, refusal: Unauthenticated) -> None:
        self._since[str(refusal)] += 1
        now = self._clock()
        if now < self._next_at:
            return
        counts = ", ".join(f"{reason} ({count})" for reason, count in self._since.most_common())
        logger.warning("callers refused with 401 since the last such line: %s", counts)
        self._since.clear()
        self._next_at = now + QUIET_S
