"""The balance after one booking more, in whatever order they are told."""

from __future__ import annotations

from typing import Any, Final

from recommender.account import Account, Unstated
from recommender.events.kinds import Transaction

MOST: Final = 50
"""So many bookings without a balance are remembered: a sender who never states one must not make an
account's state grow without end."""


def with_balance(account: Account, event: Transaction) -> dict[str, Any]:
    """The account's fields that `event` changes.

    The balance is the last one stated, of several at one instant the lowest, and what was booked
    after that without stating one. A booking is taken to be in a balance that is stated at its own
    instant or later. Where no balance is known at all, none is guessed. The order of arrival makes
    no difference, but that of more than `MOST` unstated bookings only the latest can be told from
    what the balance had before: a stated balance that comes later than that, and is older than
    them, forgets the rest.
    """
    if event.balance_minor is None:
        return _moved(account, Unstated(event.at, event.amount_minor))
    known_at = account.balance_at
    if known_at is not None and known_at > event.at:
        return {}
    stated = event.balance_minor
    if known_at == event.at and account.balance_minor is not None:
        stated = min(stated, account.balance_minor - _sum(account.unstated))
    later = tuple(one for one in account.unstated if one.at > event.at)
    return {"balance_minor": stated + _sum(later), "balance_at": event.at, "unstated": later}


def _moved(account: Account, one: Unstated) -> dict[str, Any]:
    if account.balance_at is not None and account.balance_at >= one.at:
        return {}
    unstated = sorted((*account.unstated, one), key=lambda it: (it.at, it.amount_minor))
    changes: dict[str, Any] = {"unstated": tuple(unstated[-MOST:])}
    if account.balance_minor is not None:
        changes["balance_minor"] = account.balance_minor + one.amount_minor
    return changes


def _sum(unstated: tuple[Unstated, ...]) -> int:
    return sum(one.amount_minor for one in unstated)
