"""Coverage counts what lies inside; calibration corrects what was promised."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from recommender.money.draws import PATHS
from recommender.money.history import History
from recommender.money.outlook import Outlook
from recommender.money.peers import learn_peers
from training.money import Case, calibrated, covered, outlook_of
from training.money.calibration import crps

DAY = date(2026, 1, 1)


def even() -> Outlook:
    """Every whole number below PATHS is as likely."""
    return Outlook(DAY, np.arange(float(PATHS))[None, :])


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_intervals_hold_as_often_as_they_promise(share: float) -> None:
    held = [float(covered(even(), np.array([actual]), share)[0]) for actual in range(PATHS)]
    assert np.mean(held) == pytest.approx(share, abs=0.01)


def test_a_balance_with_all_the_probability_is_covered_in_part() -> None:
    still = Outlook(DAY, np.full((1, PATHS), 500.0))
    assert covered(still, np.array([500]), 0.5)[0] == pytest.approx(0.5)
    assert covered(still, np.array([501]), 0.5)[0] == 0


def test_the_score_is_the_distance_where_nothing_is_in_doubt() -> None:
    still = Outlook(DAY, np.full((1, PATHS), 500.0))
    assert crps(still, np.array([530])) == pytest.approx(30)
    assert crps(even(), np.array([PATHS // 2])) < crps(even(), np.array([0]))


def test_chances_that_promised_too_much_are_lowered() -> None:
    random = np.random.default_rng(2)
    cases = []
    for _ in range(30):
        moved = np.where(random.random(150) < 0.3, -random.integers(500, 9_000, 150), 0)
        balance = 60_000 + np.cumsum(moved + 1_000)
        # Nothing comes of what their past suggests: they stop spending.
        after = np.full(10, balance[-1])
        cases.append(Case(DAY, int(balance[-1]), (), History(moved, balance), after))
    limit = int(np.median([case.balance_minor for case in cases])) - 9_000
    peers = learn_peers([case.history for case in cases])
    lowered = calibrated(peers, cases, limit)
    said = [
        np.mean([outlook_of(case, one).ever_below(limit)[-1] for case in cases])
        for one in (peers, lowered)
    ]
    fell = np.mean([case.actual.min() < limit for case in cases])
    assert abs(said[1] - fell) < abs(said[0] - fell)
