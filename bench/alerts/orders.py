"""Berka: the standing orders of 354 accounts, found in transactions before a cut.

Outgoing remittances that recur are held against the table `order`, which nothing that finds them
has seen: an order is found when there is a series to its counterparty of its amount. When the next
one was due is held against what was debited after the cut. Accounts count while their transactions
go on for long enough after the cut to show the next debit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from bench.berka import REMITTANCE, SCHEMES, load
from bench.figures import Figure, at_least, measured, shared_data
from recommender.money.booking import Ledger, day_number
from recommender.money.series import Series, series_of_each
from training.money import everyone

CUTS = tuple(date(year, month, 1) for year in (1996, 1997, 1998) for month in range(1, 13))
LEAST_EXECUTIONS = 3
FOLLOWED_DAYS = 40
"""A next debit after this is none."""

Order = tuple[str, int]
"""Counterparty and amount in minor units, negative."""


@dataclass
class Score:
    """Counts over all cuts."""

    truth: int = 0
    found: int = 0
    right: int = 0
    next_debits: Counter[str] = field(default_factory=Counter)

    def figures(self) -> Iterator[Figure]:
        due = self.next_debits
        yield at_least("alerts.berka.precision", self.right / self.found, "share", 0.98)
        yield at_least("alerts.berka.recall", self.right / self.truth, "share", 0.98)
        share = {name: due[name] / due["all"] for name in ("within_2_days", "exact", "amount")}
        yield at_least("alerts.berka.due_within_2_days", share["within_2_days"], "share", 0.98)
        yield measured("alerts.berka.due_exact", share["exact"], "share")
        yield measured("alerts.berka.amount", share["amount"], "share")
        yield measured("alerts.berka.orders", self.truth, "orders x cuts")


def measure() -> Iterable[Figure]:
    directory = shared_data("berka")
    _, frames = load(directory)
    bank = everyone(frames["transactions"], day_number(date(1999, 1, 1)), "CZK")
    orders = standing_orders(directory)
    score = Score()
    for cut in map(day_number, CUTS):
        found = series_of_each(bank.ledgers, cut - 1)
        for place, account_id in enumerate(bank.accounts):
            ledger = bank.ledgers[place]
            # Others' transactions end too soon to tell.
            if ledger.day[-1] >= cut + FOLLOWED_DAYS:
                judge(ledger, orders.get(account_id, set()), found[place], cut, score)
    return score.figures()


def standing_orders(directory: Path) -> dict[str, set[Order]]:
    """The table `order` by account."""
    table = pd.read_csv(directory / "order.asc.gz", sep=";", dtype=str)
    minor = -(table["amount"].astype(float) * 100).round().astype(int)
    found: dict[str, set[Order]] = {}
    for account, bank, other, amount in zip(
        table["account_id"], table["bank_to"], table["account_to"], minor, strict=True
    ):
        found.setdefault(account, set()).add((f"{bank} {other}", amount))
    return found


def judge(
    ledger: Ledger, orders: set[Order], series: Iterable[Series], day: int, score: Score
) -> None:
    """Add one account, of which `series` was found before `day`."""
    paid = _remittances(ledger)
    times = Counter(order for on, order in paid if on < day)
    due = {order for order, count in times.items() if count >= LEAST_EXECUTIONS}
    truth = due & orders
    found = {
        (one.counterparty, one.amount_minor): one
        for one in series
        if one.scheme == SCHEMES[REMITTANCE] and not one.income and not one.ended
    }
    score.truth += len(truth)
    score.found += len(found)
    for order in truth & found.keys():
        score.right += 1
        after = [(on, other) for on, other in paid if on >= day and other[0] == order[0]]
        _judge_next(found[order], after, score)


def _judge_next(series: Series, after: list[tuple[int, Order]], score: Score) -> None:
    """`after`: what was debited to the same counterparty since the cut, by day.

    Where a counterparty has several orders, the next of this amount, if there is one.
    """
    same = [(on, order) for on, order in after if order[1] == series.amount_minor] or after
    late = abs(same[0][0] - day_number(series.next_due)) if same else FOLLOWED_DAYS
    score.next_debits["all"] += 1
    score.next_debits["exact"] += late == 0
    score.next_debits["within_2_days"] += late <= 2
    score.next_debits["amount"] += bool(same) and same[0][1][1] == series.amount_minor


def _remittances(ledger: Ledger) -> list[tuple[int, Order]]:
    """Day and order of each outgoing remittance, by day."""
    if SCHEMES[REMITTANCE] not in ledger.schemes:
        return []
    rows = np.flatnonzero(
        (ledger.scheme == ledger.schemes.index(SCHEMES[REMITTANCE])) & (ledger.amount < 0)
    )
    return [
        (
            int(ledger.day[row]),
            (ledger.counterparties[ledger.counterparty[row]], int(ledger.amount[row])),
        )
        for row in rows
    ]
