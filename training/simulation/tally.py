"""What decisions before and after come to: counts, sums, and a few accounts as examples.

A tally's size depends on the catalogue, not on how many accounts were counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from recommender.account import Account
from recommender.catalogue import Catalogue
from recommender.comparison import Difference, differences
from recommender.decision import Decision, Withheld

Cell = tuple[str, ...]
"""Whom an account is counted with: its life stage, then its value of each audit attribute."""


@dataclass(slots=True)
class Side:
    """The decisions of one side for one cell: `shown` counts accounts by action."""

    offered: int = 0
    """Accounts that are shown an offer."""
    contacts: int = 0
    """Offers and guidance shown: what the contact budget counts."""
    value: float = 0.0
    """Sum of propensity x value over those."""
    alerts: int = 0
    shown: dict[str, int] = field(default_factory=dict)

    def count(self, decision: Decision, guidance: AbstractSet[str]) -> None:
        offers, contacts, shown = 0, 0, self.shown
        for item in decision.shown:
            action_id = item.action_id
            shown[action_id] = shown.get(action_id, 0) + 1
            is_offer = item.product_id is not None
            if is_offer or action_id in guidance:
                offers += is_offer
                contacts += 1
                terms = item.arbitration
                if terms is not None:
                    self.value += terms.propensity * terms.value
        self.offered += offers > 0
        self.contacts += contacts
        self.alerts += len(decision.alerts)

    def add(self, other: Side) -> None:
        self.offered += other.offered
        self.contacts += other.contacts
        self.value += other.value
        self.alerts += other.alerts
        for action_id, accounts in other.shown.items():
            self.shown[action_id] = self.shown.get(action_id, 0) + accounts


@dataclass(slots=True)
class Both:
    """A cell's accounts, and both sides of it."""

    accounts: int = 0
    before: Side = field(default_factory=Side)
    after: Side = field(default_factory=Side)

    def add(self, other: Both) -> None:
        self.accounts += other.accounts
        self.before.add(other.before)
        self.after.add(other.after)


class Move(NamedTuple):
    """An action that an account gains, or loses, and what withheld its product on the other side.

    `by` is None for what has no product, or one that only one of the catalogues has.
    """

    action_id: str
    gained: bool
    by: Withheld | None

    @classmethod
    def of(cls, found: Difference) -> Move:
        by = found.withheld_before if found.gained else found.withheld_after
        return cls(found.action_id, found.gained, by)


class Example(NamedTuple):
    """An account that a move happens to; of two the one that takes fewer words is clearer."""

    size: int
    account: Account
    cell: Cell
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def order(self) -> tuple[int, str]:
        return self.size, self.account.account_id


class Guidance(NamedTuple):
    """The actions that compete with offers on each side."""

    before: AbstractSet[str]
    after: AbstractSet[str]

    @classmethod
    def of(cls, before: Catalogue, after: Catalogue) -> Guidance:
        return cls(_guidance_in(before), _guidance_in(after))


NO_GUIDANCE = Guidance(frozenset(), frozenset())


def _guidance_in(catalogue: Catalogue) -> frozenset[str]:
    return frozenset(
        name for name, action in catalogue.actions.items() if action.purpose == "marketing"
    )


@dataclass(slots=True)
class Tally:
    guidance: Guidance = NO_GUIDANCE
    """A sum of others needs none of its own."""
    cells: dict[Cell, Both] = field(default_factory=dict)
    withheld_before: Counter[Withheld] = field(default_factory=Counter)
    withheld_after: Counter[Withheld] = field(default_factory=Counter)
    changed: int = 0
    """Accounts that are shown something else, or the same in another order."""
    reordered: int = 0
    """Those of them to whom the same is shown in another order."""
    moves: dict[Move, int] = field(default_factory=dict)
    examples: dict[Move, Example] = field(default_factory=dict)

    def count(self, account: Account, cell: Cell, before: Decision, after: Decision) -> None:
        """One account's decisions on both sides."""
        both = self.cells.get(cell)
        if both is None:
            both = self.cells[cell] = Both()
        both.accounts += 1
        both.before.count(before, self.guidance.before)
        both.after.count(after, self.guidance.after)
        self.withheld_before.update(before.withheld)
        self.withheld_after.update(after.withheld)
        was = tuple([item.action_id for item in before.shown])
        now = tuple([item.action_id for item in after.shown])
        if was != now:
            self.changed += 1
            moves = [one for one in differences(before, after) if one.gained or one.lost]
            self.reordered += not moves
            if moves:
                example = Example(_size(account), account, cell, was, now)
                for one in moves:
                    self._moved(Move.of(one), 1, example)

    def add(self, other: Tally) -> None:
        for cell, both in other.cells.items():
            self.cells.setdefault(cell, Both()).add(both)
        self.withheld_before.update(other.withheld_before)
        self.withheld_after.update(other.withheld_after)
        self.changed += other.changed
        self.reordered += other.reordered
        for move, accounts in other.moves.items():
            self._moved(move, accounts, other.examples[move])

    def _moved(self, move: Move, accounts: int, example: Example) -> None:
        self.moves[move] = self.moves.get(move, 0) + accounts
        known = self.examples.get(move)
        if known is None or example.order < known.order:
            self.examples[move] = example


def _size(account: Account) -> int:
    """How much is known of an account."""
    return (
        len(account.attributes)
        + len(account.holdings)
        + len(account.domain_interest)
        + len(account.product_interest)
        + len(account.contacts)
        + len(account.cases)
        + len(account.coming)
    )
