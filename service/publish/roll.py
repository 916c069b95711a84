"""Whom a publication is about, known before anything is written: who is in it, who may go."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import redis

from recommender.account import Account
from service.account_id import is_account_id
from service.errors import PublishError
from service.publish.tidy import stored_accounts


@dataclass(frozen=True, slots=True)
class Roll:
    """Accounts in Redis that are neither `present` nor `spared` have gone, and are removed."""

    present: AbstractSet[str]
    spared: AbstractSet[str] | None = frozenset()
    """Absent only because their row was rejected; None: nobody knows whose rows those were, so
    every absent account may be one of them."""

    @classmethod
    def call(
        cls, account_ids: Iterable[str], spared: AbstractSet[str] | None = frozenset()
    ) -> Roll:
        """Raises PublishError: there is nobody, somebody comes twice, or has no account id."""
        present: set[str] = set()
        for account_id in account_ids:
            if is_account_id(account_id) is None:
                raise PublishError(f"{account_id[:80]!r} cannot be an account id")
            if account_id in present:
                raise PublishError(f"account {account_id} comes twice")
            present.add(account_id)
        if not present:
            raise PublishError("there is no account to publish")
        return cls(present, spared)

    def may_go(self, account_id: str) -> bool:
        if account_id in self.present or self.spared is None:
            return False
        return account_id not in self.spared

    def admit(self, account: Account) -> Account:
        """Raises PublishError: it is not on the roll, so nobody looked at its id."""
        if account.account_id not in self.present:
            raise PublishError(f"account {account.account_id[:80]!r} was not announced")
        return account

    def check_shrink(self, client: redis.Redis, most_shrink: float) -> None:
        """Raises PublishError: so many accounts would go that the tables are likely incomplete."""
        stored = gone = 0
        for account_id in stored_accounts(client):
            stored += 1
            gone += self.may_go(account_id)
        if gone > 1 and gone > stored * most_shrink:
            raise PublishError(
                f"{gone:,} of {stored:,} accounts in Redis are not in the tables, more than "
                f"{most_shrink:.0%}: nothing was written, put in force or removed. Complete the "
                "tables, or publish with --allow-shrink"
            )
