"""What counts as announced, and what as a false alarm."""

from __future__ import annotations

import numpy as np
import pytest

from bench.alerts.balance import brier_score
from bench.alerts.shortfalls import Score, evening_balances, judged
from recommender.money.booking import Ledger, day_number
from tests.recommender.money.paid import DAY_PAID, booking

CALM, SURE = 0.0, 0.95
BEFORE = [CALM] * 8


@pytest.mark.parametrize(
    ("chances", "score"),
    [
        ([SURE, SURE, SURE, CALM], Score(1, 1, 1, 0)),
        ([CALM, SURE, SURE, CALM], Score(1, 0, 1, 0)),
        ([SURE, CALM, CALM, CALM], Score(1, 0, 1, 1)),
        ([CALM, CALM, CALM, CALM], Score(1, 0, 0, 0)),
    ],
)
def test_two_days_ahead_and_standing_is_announced(chances: list[float], score: Score) -> None:
    evenings = np.array([100] * 11 + [-5, -5])
    assert judged(np.array(BEFORE + chances), evenings) == score


def test_an_alert_of_which_nothing_comes_is_false() -> None:
    evenings = np.full(13, 100)
    assert judged(np.array([*BEFORE, SURE, SURE, CALM, CALM]), evenings) == Score(0, 0, 1, 1)


def test_evenings_count_back_from_the_last_balance() -> None:
    day = day_number(DAY_PAID)
    ledger = Ledger.of([booking(DAY_PAID, -300)])
    assert evening_balances(ledger, 700, day - 1, day + 2).tolist() == [1_000, 700, 700]


def test_the_brier_score_of_a_coin_is_a_quarter() -> None:
    assert brier_score(np.full(4, 0.5), np.array([0.0, 1.0, 1.0, 0.0])) == 0.25
