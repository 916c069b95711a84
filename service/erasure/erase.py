"""One account out of every store, for good: the part that is done at once, and the end of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

import redis

from service.erasure.receipt import Receipt, Store, begin, count, done, read_receipt
from service.erasure.removal import remove
from service.errors import ServiceError

SETTLE_S: Final = 0.5
"""Between the two sweeps of Redis: longer than what was under way when the first began."""
LOOK_S: Final = 0.1
"""How often it is looked whether the owners of the logs are done."""


class ErasureLost(ServiceError):
    """Redis was emptied while an account was being erased."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """Begin, sweep, wait until no log `waits` any more or as long as you like, and finish.

    Killed anywhere, it is done again from the beginning and goes on under its receipt. Every call
    may raise redis.RedisError; then do it again.
    """

    client: redis.Redis
    account_id: str
    receipt_id: str

    @classmethod
    def begin(cls, client: redis.Redis, account_id: str, logs: Iterable[Store] = ()) -> Self:
        """`logs`: those that are kept, as far as the caller knows."""
        return cls(client, account_id, begin(client, account_id, logs))

    def sweep(self) -> None:
        """Remove what Redis has now."""
        count(self.client, self.receipt_id, remove(self.client, self.account_id))

    def waits(self) -> bool:
        """Whether a log is still to be done, by its owner."""
        return any(store is not Store.REDIS for store in self.receipt().waits_for)

    def finish(self) -> Receipt:
        """Remove what came of requests that were under way. Whatever log waits is done later."""
        done(self.client, Store.REDIS, self.receipt_id, remove(self.client, self.account_id))
        return self.receipt()

    def receipt(self) -> Receipt:
        """As it stands. Raises ErasureLost."""
        receipt = read_receipt(self.client, self.receipt_id)
        if receipt is None:
            raise ErasureLost("Redis was emptied meanwhile; erase the account again")
        return receipt
