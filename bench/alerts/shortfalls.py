"""The demo bank: are people told that they will run short, before they do, and only then?

Every day of four months each account is projected from what was known that morning: its bookings,
and the standing orders and direct debits that the bank knew to be due. An alert is raised when the
chance of a negative balance within a week reaches RAISE, and stands until that comes true or the
chance is down to WITHDRAW. A true shortfall is a day that ends below zero after one that did not;
it is announced when an alert was raised two days before or earlier and still stands. A false alarm
is an alert that was withdrawn, or ran out, without a shortfall: their share is of all alerts.
`detected_only` is the same without what the bank knew to be due.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

from bench.figures import Figure, at_least, at_most, measured
from recommender.account import Payment
from recommender.catalogue import parse_catalogue
from recommender.money.booking import Ints, Ledger, date_of, day_number
from recommender.money.history import History
from recommender.money.outlook import project
from recommender.money.peers import Peers, learn_peers
from recommender.money.series import described, recurring
from recommender.money.spending import learn_spending
from recommender.money.streams import Stream
from recommender.tables import ACCOUNT_ID, AMOUNT_MINOR, COUNTERPARTY, CURRENCY, DUE_ON
from training.money import histories_of, ledgers
from training.world import generate
from training.world.money import AHEAD_DAYS
from training.world.plans import payment_plans

BANK = Path(__file__).parents[2] / "examples" / "bank" / "catalogue.yaml"
ACCOUNTS = 1_500
MONTHS = 14
SEED = 11
UNTIL = date(2026, 11, 23)
DAYS = 120
WITHIN_DAYS = 7
RAISE, WITHDRAW = 0.8, 0.3
LEAD_DAYS = 2
LEAST_HISTORY_DAYS = 90
AT_RISK_MINOR = 150_000
"""Who had more than this on every day of the last two months, and has it now, is not projected:
should they run short, it counts as not announced."""


@dataclass(frozen=True, eq=False)
class Money:
    """One account: all its bookings, its last balance, and (due day, payment) known ahead."""

    ledger: Ledger
    balance: int
    plans: tuple[tuple[int, Payment], ...]


@dataclass(frozen=True)
class Score:
    shortfalls: int = 0
    announced: int = 0
    alerts: int = 0
    false_alarms: int = 0

    @property
    def recall(self) -> float:
        return self.announced / max(self.shortfalls, 1)

    @property
    def false_share(self) -> float:
        return self.false_alarms / max(self.alerts, 1)

    def __add__(self, other: Score) -> Score:
        return Score(
            self.shortfalls + other.shortfalls,
            self.announced + other.announced,
            self.alerts + other.alerts,
            self.false_alarms + other.false_alarms,
        )


def measure() -> Iterator[Figure]:
    catalogue = parse_catalogue(BANK.read_text(encoding="utf-8"), BANK.name)
    known = {"accounts": ACCOUNTS, "months": MONTHS, "seed": SEED, "until": UNTIL}
    world = generate(catalogue, **known)  # type: ignore[arg-type]
    plans = plans_of(payment_plans(catalogue, **known))  # type: ignore[arg-type]
    first = day_number(UNTIL) - DAYS
    peers = learn_peers(list(histories_of(world.transactions, date_of(first), "EUR")))
    everyone = [
        Money(ledger, balance, plans.get(account_id, ()))
        for account_id, ledger, balance in ledgers(world.transactions, day_number(UNTIL), "EUR")
    ]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        parts = list(pool.map(followed, (everyone[::2], everyone[1::2]), [peers] * 2))
    known_due, detected = (sum((part[place] for part in parts), Score()) for place in (0, 1))
    yield at_least("alerts.demo.shortfalls_announced", known_due.recall, "share", 0.85)
    yield at_most("alerts.demo.false_alarms", known_due.false_share, "share", 0.10)
    yield measured("alerts.demo.shortfalls_announced_detected_only", detected.recall, "share")
    yield measured("alerts.demo.false_alarms_detected_only", detected.false_share, "share")
    yield measured("alerts.demo.shortfalls", known_due.shortfalls, "shortfalls")
    yield measured("alerts.demo.alerts", known_due.alerts, "alerts")


def plans_of(table: pd.DataFrame) -> dict[str, tuple[tuple[int, Payment], ...]]:
    """Due day and payment, by account."""
    found: dict[str, list[tuple[int, Payment]]] = {}
    due = table[DUE_ON].to_numpy().astype("datetime64[D]").tolist()
    columns = (table[name].tolist() for name in (ACCOUNT_ID, AMOUNT_MINOR, CURRENCY, COUNTERPARTY))
    for on, (account_id, *payment) in zip(due, zip(*columns, strict=True), strict=True):
        found.setdefault(account_id, []).append((day_number(on), Payment(on, *payment)))
    return {account_id: tuple(rows) for account_id, rows in found.items()}


def followed(accounts: Sequence[Money], peers: Peers) -> tuple[Score, Score]:
    """With what was known to be due, and with what was detected only."""
    scores = [follow(one, peers) for one in accounts]
    return tuple(sum((one[place] for one in scores), Score()) for place in (0, 1))  # type: ignore[return-value]


def follow(money: Money, peers: Peers) -> tuple[Score, Score]:
    """One account, day by day."""
    first, end = day_number(UNTIL) - DAYS, day_number(UNTIL)
    ledger = money.ledger
    if not len(ledger) or ledger.day[0] > first - LEAST_HISTORY_DAYS:
        return Score(), Score()
    evenings = balances(ledger, money.balance, first - 60, end)
    chances = np.zeros((DAYS, 2))
    before, streams = ledger.where(slice(0, 0)), list[Stream]()
    for place in range(DAYS):
        past = evenings[place : place + 60]
        if past.min() <= AT_RISK_MINOR:
            booked = int(np.searchsorted(ledger.day, first + place))
            if booked != len(before):  # without a new booking nothing new recurs
                before = ledger.where(slice(0, booked))
                streams = recurring(before)
            now = int(past[-1])
            chances[place] = chance(before, streams, now, first + place, money.plans, peers)
    return judged(chances[:, 0], evenings[59:]), judged(chances[:, 1], evenings[59:])


def balances(ledger: Ledger, last: int, first: int, end: int) -> Ints:
    """The balance in the evening of each day of [first, end); `last` is that of the last."""
    moved = np.zeros(end - first, np.int64)
    rows = ledger.day >= first
    np.add.at(moved, ledger.day[rows] - first, ledger.amount[rows])
    return last - (moved[::-1].cumsum()[::-1] - moved)


def chance(
    before: Ledger,
    streams: Sequence[Stream],
    balance: int,
    day: int,
    plans: Iterable[tuple[int, Payment]],
    peers: Peers,
) -> tuple[float, float]:
    """The chance of an evening below zero within WITHIN_DAYS, as known in the morning of `day`.

    With the known payments, and without them.
    """
    history = History.of(
        before, [one.rows for one in streams], balance_minor=balance, day=day, currency="EUR"
    )
    known = [payment for due, payment in plans if day <= due < day + AHEAD_DAYS]
    series = [described(before, one, day - 1) for one in streams]
    spending = learn_spending(history, peers, balance_minor=balance)
    with_known, without = (
        project(balance, date_of(day), payments, series, spending, WITHIN_DAYS)
        for payments in (known, [])
    )
    return float(with_known.ever_below(0)[-1]), float(without.ever_below(0)[-1])


def judged(chances: np.ndarray, evenings: Ints) -> Score:
    """`evenings[k]` is the balance of the evening before the morning of `chances[k]`."""
    short = evenings < 0
    raised: int | None = None
    shortfalls = announced = alerts = false_alarms = 0
    for place, now in enumerate(chances.tolist()):
        if short[place + 1] and not short[place] and place >= WITHIN_DAYS:
            shortfalls += 1
            announced += raised is not None and place - raised >= LEAD_DAYS
        if short[place]:
            raised = None
        elif raised is None and now >= RAISE:
            raised, alerts = place, alerts + 1
        elif raised is not None and now < WITHDRAW:
            raised, false_alarms = None, false_alarms + 1
    return Score(shortfalls, announced, alerts, false_alarms)
