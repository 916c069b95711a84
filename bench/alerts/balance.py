"""Berka: the balance of the 30 days after many cuts, as a distribution, against what it then was.

Cuts are 30 days apart, each with at least 120 days before and 30 after. What the model has from
others (`Peers`) is learnt from the other half of the accounts, as `raak publish` learns it; what it
has from the account itself lies before the cut. `tuned` is the same with the width of the intervals
and the chances fitted to what became of the other half, which needs years of history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from itertools import repeat
from multiprocessing import get_context

import numpy as np

from bench.alerts.page import write_page
from bench.berka import load
from bench.figures import OUT, Figure, at_least, at_most, measured, shared_data
from recommender.money.booking import Ints, Ledger, Ledgers, date_of, day_number
from recommender.money.history import History
from recommender.money.peers import learn_peers
from recommender.money.rhythm import Floats
from recommender.money.series import described, recurring_of
from training.money import Case, calibrated, covered, ledgers, outlook_of

CURRENCY = "CZK"
BEFORE, AFTER = 121, 30
LIMIT_MINOR = 1_000_000
"""10,000 crowns."""
WEEK_ENDS = (6, 13, 20, 29)
"""Days of the outlook for which coverage is also told alone."""
CALIBRATED_ON = 3
"""Every so many cases of the other half are enough to calibrate on."""
COVERAGE_BAR = 0.03
BRIER_BAR = 0.2


@dataclass(frozen=True, eq=False)
class Told:
    """What was said of (cases,) and came: the chance of falling below the limit, and whether.

    `covered` is (cases, days, shares) for SHARES.
    """

    chance: Floats
    fell: Floats
    covered: Floats
    last: Ints
    lowest: Ints


SHARES = (0.5, 0.8, 0.95)


def measure() -> Iterable[Figure]:
    directory = shared_data("berka")
    _, frames = load(directory)
    everyone = day_number(date(1999, 1, 1))
    accounts = [ledger for _, ledger, _ in ledgers(frames["transactions"], everyone, CURRENCY)]
    halves = [list(cases(accounts[half::2])) for half in (0, 1)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        told, tuned = (
            whole(pool.map(tell, halves, halves[::-1], repeat(fitted))) for fitted in (False, True)
        )
    write_page(OUT / "alerts.html", told.chance, told.fell, told.covered, SHARES)
    yield from figures(told)
    brier = brier_score(tuned.chance, tuned.fell)
    best = min(baselines(tuned).values())
    yield measured("alerts.balance.tuned_brier_over_baseline", 1 - brier / best, "share")


def whole(parts: Iterable[Told]) -> Told:
    parts = list(parts)
    return Told(*(np.concatenate([getattr(one, name) for one in parts]) for name in vars(parts[0])))


def cases(accounts: Iterable[Ledger]) -> Iterator[Case]:
    """Every cut of every account."""
    for ledger in accounts:
        first, last = int(ledger.day[0]), int(ledger.day[-1])
        moved = np.bincount(ledger.day - first, ledger.amount, last - first + 1)
        balance = np.rint(np.cumsum(moved)).astype(np.int64)
        cuts = range(BEFORE, len(balance) - AFTER + 1, 30)
        booked = [int(np.searchsorted(ledger.day, first + place)) for place in cuts]
        # All cuts of an account are worked together, as if each were an account.
        edges = np.cumsum([0, *booked])
        rows = np.arange(edges[-1]) - np.repeat(edges[:-1], booked)
        found = recurring_of(Ledgers(ledger.where(rows), edges)) if cuts else []
        for place, count, edge, several in zip(cuts, booked, edges.tolist(), found, strict=False):
            day, now = first + place, int(balance[place - 1])
            before = ledger.where(slice(0, count))
            streams = [replace(one, rows=one.rows - edge) for one in several]
            yield Case(
                date_of(day),
                now,
                tuple(described(before, streams, day - 1)),
                History.of(
                    before,
                    [one.rows for one in streams],
                    balance_minor=now,
                    day=day,
                    currency=CURRENCY,
                ),
                balance[place : place + AFTER],
            )


def tell(half: Sequence[Case], others: Sequence[Case], tuned: bool) -> Told:  # noqa: FBT001  # `map` passes by place
    """What is said of `half` with what `others` taught."""
    peers = learn_peers([case.history for case in others])
    if tuned:
        peers = calibrated(peers, others[::CALIBRATED_ON], LIMIT_MINOR)
    chance, inside = [], []
    for case in half:
        outlook = outlook_of(case, peers)
        chance.append(float(outlook.ever_below(LIMIT_MINOR)[-1]))
        inside.append([covered(outlook, case.actual, share) for share in SHARES])
    return Told(
        np.array(chance),
        np.array([float(case.actual.min() < LIMIT_MINOR) for case in half]),
        np.array(inside).transpose(0, 2, 1),
        np.array([case.balance_minor for case in half]),
        np.array([int(case.history.balance[-30:].min()) for case in half]),
    )


def figures(told: Told) -> Iterator[Figure]:
    for place, share in enumerate(SHARES):
        name = f"alerts.balance.coverage_{share * 100:.0f}"
        held = float(told.covered[:, :, place].mean())
        yield Figure(name, held, "share", share, abs(held - share) <= COVERAGE_BAR)
        for day in WEEK_ENDS:
            held = float(told.covered[:, day, place].mean())
            yield measured(f"{name}_day_{day + 1}", held, "share")
    brier = brier_score(told.chance, told.fell)
    others = baselines(told)
    best = min(others.values())
    yield at_most("alerts.balance.brier", brier, "", (1 - BRIER_BAR) * best)
    yield at_least("alerts.balance.brier_over_baseline", 1 - brier / best, "share", BRIER_BAR)
    for name, value in others.items():
        yield measured(f"alerts.balance.brier_{name}", value, "")
    yield measured("alerts.balance.mean_chance", float(told.chance.mean()), "share")
    yield measured("alerts.balance.fell_below", float(told.fell.mean()), "share")
    yield measured("alerts.balance.cuts", len(told.fell), "cuts")


def baselines(told: Told) -> dict[str, float]:
    """Brier scores of those who know little."""
    return {
        "base_rate": brier_score(np.full(len(told.fell), told.fell.mean()), told.fell),
        "last_balance": brier_score((told.last < LIMIT_MINOR).astype(np.float64), told.fell),
        "lowest_of_30_days": brier_score((told.lowest < LIMIT_MINOR).astype(np.float64), told.fell),
    }


def brier_score(chance: Floats, came: Floats) -> float:
    """The mean squared distance of chances from what came (0 or 1)."""
    return float(np.mean((chance - came) ** 2))
