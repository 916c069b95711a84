"""One publication at a time: two would remove each other's accounts and answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import redis
from redis.exceptions import LockError

from recommender import keyspace
from service.errors import PublishError

LASTS_S = 60.0
"""So long after a publisher died the next one may begin; it renews its turn with every batch."""


@contextmanager
def alone(client: redis.Redis) -> Iterator[Callable[[], None]]:
    """Hold the publisher's turn. What is yielded renews it, and raises when it was lost.

    Raises PublishError: somebody else is publishing. Redis' own errors pass through.
    """
    turn = client.lock(keyspace.PUBLISHING, timeout=LASTS_S)
    if not turn.acquire(blocking=False):
        raise PublishError(
            "somebody else is publishing to this Redis; wait until that is done, or, if it was "
            f"killed, {LASTS_S:.0f} s"
        )

    def renew() -> None:
        try:
            turn.reacquire()
        except LockError:
            raise PublishError(
                f"this publication stood still for {LASTS_S:.0f} s and lost its turn; nothing was "
                "put in force, publish again"
            ) from None

    try:
        yield renew
    finally:
        with suppress(LockError):  # it expired: another's turn is not ours to end
            turn.release()
