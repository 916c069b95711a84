"""What the service served and the stream does not have yet.

It leaves with the next round trip, many decisions as one entry, and nobody waits for it. What a
broken connection may have swallowed is sent again: the log knows each decision by its id. Only
what finds no room is lost, and that is counted and said.
"""

from __future__ import annotations

import logging

from service.decision_log.config import DecisionLogConfig
from service.decision_log.served import pack_served

logger = logging.getLogger(__name__)

CAPACITY = 4096
"""Decisions that may wait here; they hold on to their bytes."""
MOST = 256
"""Decisions in one entry."""

Record = tuple[str, bool, bytes, bytes]
"""As `Served`, which takes three times as long to make."""


class Outbox:
    """Decisions that wait for a round trip. `log` False: none ever does."""

    def __init__(self, config: DecisionLogConfig) -> None:
        self.on = config.log
        self.backlog_bytes = config.backlog_bytes
        self._waiting: list[Record] = []
        self._sent = 0
        self.streamed = 0
        self.dropped = 0
        """For want of room here, since Redis did not answer."""
        self.refused = 0
        """By a Redis that does not write."""
        self.full = 0
        """For want of room on the stream, since nobody writes the log."""

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, served: Record) -> None:
        if len(self._waiting) >= CAPACITY:
            self.dropped += 1
            return
        self._waiting.append(served)

    def take(self) -> bytes:
        """The oldest as one entry, empty when there are none. They stay until they are settled."""
        if not self._waiting:
            return b""
        taken = self._waiting[:MOST]
        self._sent = len(taken)
        return pack_served(taken)

    def settle(self, *, streamed: bool) -> None:
        """Redis took what was sent last, or its stream is full."""
        done = self._done()
        if streamed:
            self.streamed += done
            return
        if done and not self.full:
            logger.warning(
                "decisions are served but not logged: what waits on Redis for the decision log "
                "has reached %d bytes; run `raak worker` with a log, or set RAAK_DECISIONS_LOG=0",
                self.backlog_bytes,
            )
        self.full += done

    def refuse(self) -> None:
        """Redis will not write."""
        self.refused += self._done()

    def _done(self) -> int:
        done, self._sent = self._sent, 0
        del self._waiting[:done]
        return done
