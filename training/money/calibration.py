"""Whether outlooks keep their promises, and the two numbers of Peers that make them do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Final

import msgspec
import numpy as np

from recommender.money.booking import Flags, Ints
from recommender.money.history import History
from recommender.money.outlook import Outlook, project
from recommender.money.peers import Peers
from recommender.money.rhythm import Floats
from recommender.money.series import Series
from recommender.money.spending import learn_spending

SHARES: Final = (0.5, 0.8, 0.95)
REVERSION_PARTS: Final = (0.5, 1.0, 2.0)
LEVEL_SPREADS: Final = (0.0, 0.4, 0.8, 1.2)
SURPRISES: Final = (0.0, 0.2, 0.4, 0.6)
EVERY = 3
"""Of the cases this part is enough for the width of intervals."""
NEWTON_STEPS, RIDGE = 12, 1.0


@dataclass(frozen=True, eq=False)
class Case:
    """An account as `day` begins, and `actual` (days,): the balances it then had, each evening."""

    day: date
    balance_minor: int
    series: tuple[Series, ...]
    history: History
    actual: Ints


def outlook_of(case: Case, peers: Peers) -> Outlook:
    """What would have been said, over as many days as are known by now."""
    spending = learn_spending(case.history, peers, balance_minor=case.balance_minor)
    return project(case.balance_minor, case.day, (), case.series, spending, len(case.actual))


def covered(outlook: Outlook, actual: Ints, share: float) -> Floats:
    """(days,): how much of each actual balance lies in the central interval of `share`.

    Many a day nothing moves, so that one balance has much of the probability: then it counts by the
    part of its probability that lies inside. Source: Czado, Gneiting and Held, 2009 (the
    non-randomised probability integral transform for discrete outcomes).
    """
    below = (outlook.paths < actual[:, None] - 0.5).mean(axis=1)
    until = (outlook.paths < actual[:, None] + 0.5).mean(axis=1)
    low, high = 0.5 - share / 2, 0.5 + share / 2
    inside = np.minimum(until, high) - np.maximum(below, low)
    point = (below >= low) & (below <= high)
    mass = until - below
    part: Floats = np.where(mass > 0, np.maximum(inside, 0) / np.where(mass > 0, mass, 1), point)
    return part


def coverage(cases: Iterable[tuple[Outlook, Ints]]) -> dict[float, float]:
    """The mean over all days of all cases, by nominal share."""
    found = [
        [covered(outlook, actual, share).mean() for share in SHARES] for outlook, actual in cases
    ]
    return dict(zip(SHARES, np.mean(found, axis=0).tolist(), strict=True))


def calibrated(peers: Peers, cases: Sequence[Case], limit_minor: int) -> Peers:
    """`peers` with the reversion, level_spread and surprise that tell most of `cases`, and chances
    of ever falling below the limit corrected by how often these cases did.
    """
    best = min(
        (
            msgspec.structs.replace(
                peers, reversion=part * peers.reversion, level_spread=spread, surprise=surprise
            )
            for part, spread, surprise in product(REVERSION_PARTS, LEVEL_SPREADS, SURPRISES)
        ),
        key=lambda one: _missed(one, cases[::EVERY]),
    )
    chance = [float(outlook_of(case, best).ever_below(limit_minor)[-1]) for case in cases]
    offset, slope = _corrected(
        np.array(chance), np.array([case.actual.min() < limit_minor for case in cases])
    )
    return msgspec.structs.replace(best, chance_offset=offset, chance_slope=slope)


def _corrected(chance: Floats, came: Flags) -> tuple[float, float]:
    """Offset and slope of the log odds of what comes; Platt's scaling, a little held back."""
    odds = np.stack([np.ones(len(chance)), np.log(chance / (1 - chance))], axis=1)
    usual = np.array([0.0, 1.0])
    found = usual.copy()
    for _ in range(NEWTON_STEPS):
        told = 1 / (1 + np.exp(-odds @ found))
        slope = odds.T @ (came - told) - RIDGE * (found - usual)
        bend = (odds * (told * (1 - told))[:, None]).T @ odds + RIDGE * np.eye(2)
        found = found + np.linalg.solve(bend, slope)
    return float(found[0]), float(found[1])


def _missed(peers: Peers, cases: Sequence[Case]) -> float:
    """How far the intervals are from what they promise, plus how far the outlooks are off.

    The first is the sum over the shares of the gap in coverage; the second the continuous ranked
    probability score as a part of what the balances moved.
    """
    told = [(outlook_of(case, peers), case) for case in cases]
    held = coverage((outlook, case.actual) for outlook, case in told)
    score = sum(crps(outlook, case.actual) for outlook, case in told)
    moved = sum(float(np.abs(case.actual - case.balance_minor).mean()) for case in cases)
    return sum(abs(one - share) for share, one in held.items()) + score / max(moved, 1.0)


def crps(outlook: Outlook, actual: Ints) -> float:
    """The continuous ranked probability score, the mean over days; in minor units.

    Source: Gneiting and Raftery, 2007, in the form for a sample, which here is sorted.
    """
    paths = np.sort(outlook.paths, axis=1)
    count = paths.shape[1]
    rank = (2 * np.arange(count) + 1 - count) / count**2
    return float((np.abs(paths - actual[:, None]).mean(axis=1) - paths @ rank).mean())
