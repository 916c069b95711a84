"""The demo bank: what truly recurs and what is found, by period and by level of noise.

A series counts as found when one of the same period and direction, to the same payee, of about the
same amount, is said to go on. True are those that were booked at least three times and go on;
what is found beyond any true one (also of fewer bookings) is wrong, and so is one that has ended.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from bench.figures import Figure, at_least, measured
from recommender.catalogue import parse_catalogue
from recommender.money.booking import day_number
from recommender.money.names import alike, words_of
from recommender.money.series import Series, series_of_each
from training.money import everyone
from training.world import World, generate

BANK = Path(__file__).parents[2] / "examples" / "bank" / "catalogue.yaml"
ACCOUNTS = 800
MONTHS = 40
"""Long enough for three yearly payments."""
SEED = 11
UNTIL = date(2026, 11, 23)
NOISES = (0.0, 1.0, 2.0, 4.0)
DEFAULT = 1.0
LEAST_EXECUTIONS = 3
LATE = timedelta(days=2)
NEAR, NEAR_VARYING = math.log(1.35), math.log(2)
"""How far an amount may be from the true one and still mean it."""


@dataclass
class Score:
    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    due: Counter[str] = field(default_factory=Counter)

    def precision(self, *periods: str) -> float:
        right, wrong = (_sum(one, periods) for one in (self.right, self.wrong))
        return right / max(right + wrong, 1)

    def recall(self, *periods: str) -> float:
        right, missed = (_sum(one, periods) for one in (self.right, self.missed))
        return right / max(right + missed, 1)


def _sum(counts: Counter[str], periods: Iterable[str]) -> int:
    return sum(counts[one] for one in (tuple(periods) or tuple(counts)))


def measure() -> Iterator[Figure]:
    for noise in NOISES:
        score = scored(noise)
        if noise == DEFAULT:
            yield at_least("alerts.demo.precision", score.precision(), "share", 0.95)
            yield at_least("alerts.demo.recall", score.recall(), "share", 0.90)
            due = sum(score.due.values()) / max(sum(score.right.values()), 1)
            yield measured("alerts.demo.due_within_2_days", due, "share")
            for period in sorted(score.right | score.missed):
                yield measured(f"alerts.demo.precision_{period}", score.precision(period), "share")
                yield measured(f"alerts.demo.recall_{period}", score.recall(period), "share")
        else:
            yield measured(f"alerts.demo.precision_noise_{noise:g}", score.precision(), "share")
            yield measured(f"alerts.demo.recall_noise_{noise:g}", score.recall(), "share")


def scored(noise: float) -> Score:
    catalogue = parse_catalogue(BANK.read_text(encoding="utf-8"), BANK.name)
    world = generate(
        catalogue, accounts=ACCOUNTS, months=MONTHS, seed=SEED, until=UNTIL, noise=noise
    )
    score, true = Score(), truths(world)
    day = day_number(UNTIL)
    bank = everyone(world.transactions, day, catalogue.currency)
    for account_id, series in zip(
        bank.accounts, series_of_each(bank.ledgers, day - 1), strict=True
    ):
        judge([one for one in series if not one.ended], true.get(account_id, []), score)
    return score


@dataclass(frozen=True)
class Recurs:
    """A row of `series_truth` that goes on."""

    counterparty: str
    period: str
    amount_minor: int
    varies: bool
    executions: int
    next_due: date | None


def truths(world: World) -> dict[str, list[Recurs]]:
    """What truly goes on, by account."""
    table = world.series_truth
    table = table[table["ended_on"].isna() & (table["executions"] > 0)]
    due = table["next_due_on"].to_numpy().astype("datetime64[D]").tolist()
    names = ("counterparty", "period", "amount_minor", "varies", "executions")
    rows: dict[str, list[Recurs]] = {}
    columns = (table[name].tolist() for name in names)
    for account_id, *known in zip(table["account_id"].tolist(), *columns, due, strict=True):
        rows.setdefault(account_id, []).append(Recurs(*known))
    return rows


def judge(found: list[Series], true: list[Recurs], score: Score) -> None:
    """Each found series takes the true one that is nearest in amount, the surest first."""
    free = list(true)
    for series in sorted(found, key=lambda one: -one.executions):
        period = str(series.rhythm.period)
        fits = [row for row in free if _is(series, row)]
        if not fits:
            score.wrong[period] += 1
            continue
        row = min(fits, key=lambda one: abs(math.log(series.amount_minor / one.amount_minor)))
        free.remove(row)
        if row.executions >= LEAST_EXECUTIONS:
            score.right[period] += 1
            score.due[period] += row.next_due is None or abs(series.next_due - row.next_due) <= LATE
    for row in free:
        score.missed[row.period] += row.executions >= LEAST_EXECUTIONS


def _is(series: Series, row: Recurs) -> bool:
    if row.period != series.rhythm.period or (row.amount_minor > 0) != series.income:
        return False
    off = abs(math.log(series.amount_minor / row.amount_minor))
    same = alike(words_of(series.counterparty), words_of(row.counterparty))
    return same and off <= (NEAR_VARYING if row.varies else NEAR)
