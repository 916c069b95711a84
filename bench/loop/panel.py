"""The panel: people whom no policy ever met, at fixed moments, and what each would accept there.

Every week's policy decides for the same people at the same moments, without exploring, and its
offers are worth what these people would truly accept: no dice, and nobody has left the panel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time

import numpy as np
from numpy.typing import NDArray

from bench.loop.bank import Bank, held, visitors
from bench.loop.course import Worth
from recommender.account import Account
from recommender.decide import decide
from recommender.live import Live
from recommender.model import Model
from recommender.request import Request
from training.world.customers import Customers

Floats = NDArray[np.float64]

HOUR = time(23, 30, tzinfo=UTC)
"""The end of the day's visit: what was looked at on that day is known."""


@dataclass(frozen=True, eq=False)
class Member:
    """One person at one moment, and the true chance of accepting each product."""

    account: Account
    at: datetime
    chances: Mapping[str, float]


def members(bank: Bank, people: Customers, days: Iterable[date], *, shopping: bool) -> list[Member]:
    """Everyone on their first visit within `days`."""
    found: list[Member] = []
    there = np.zeros(len(bank.tables.accounts), dtype=np.bool_)
    for day in days:
        come = visitors(bank.tables, day) & ~there
        there |= come
        at = datetime.combine(day, HOUR)
        accounts = bank.accounts(come, at)
        chances = true_chances(people, accounts, day, shopping=shopping)
        found += [
            Member(account, at, dict(zip(people.products, row.tolist(), strict=True)))
            for account, row in zip(accounts, chances, strict=True)
        ]
    return found


def true_chances(
    people: Customers, accounts: Sequence[Account], day: date, *, shopping: bool
) -> NDArray[np.float32]:
    """(accounts, products): what each of them would truly accept at the end of `day`."""
    rows = [people.rows[account.account_id] for account in accounts]
    holdings = np.zeros((len(people.ids), len(people.products)), dtype=np.bool_)
    holdings[rows] = held(accounts, people.products)
    ask = people.acceptance_while_shopping if shopping else people.acceptance
    return ask(day, holdings)[rows]


def worth(panel: Sequence[Member], live: Live) -> Worth:
    """What the policy in force is truly worth per offer that it shows to the panel."""
    return _mean((shown(member, live) for member in panel), live)


def best_worth(panel: Sequence[Member], live: Live) -> Worth:
    """What knowing the truth would be worth: the oracle, under the same rules."""
    told: list[float] = []
    knows = Knows(**{one.name: getattr(live.model, one.name) for one in fields(Model)}, told=told)
    oracle = Live.assemble(live.catalogue, knows)

    def offers() -> Iterator[list[tuple[str, float]]]:
        for member in panel:
            told[:] = [member.chances[product] for product in knows.products]
            yield shown(member, oracle)

    return _mean(offers(), live)


@dataclass(frozen=True, eq=False, kw_only=True)
class Knows(Model):
    """A model that is told the truth about each account before it is asked."""

    told: list[float]

    def propensities(self, tokens: Iterable[str], held: AbstractSet[str]) -> list[float]:  # noqa: ARG002
        return self.told


def shown(member: Member, live: Live) -> list[tuple[str, float]]:
    """The products offered, each with its true chance."""
    decision = decide(member.account, Request(member.at), live)
    products = [one.product_id for one in decision.shown if one.product_id is not None]
    return [(product, member.chances[product]) for product in products]


def _mean(offers: Iterable[list[tuple[str, float]]], live: Live) -> Worth:
    products = live.catalogue.products
    pairs = [pair for offered in offers for pair in offered]
    return Worth(
        acceptance=float(np.mean([chance for _, chance in pairs])),
        value=float(np.mean([chance * products[product].value for product, chance in pairs])),
    )
