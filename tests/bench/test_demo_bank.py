from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.demo_bank import _better, _regrets
from bench.views import figures_of
from tests.training.rows import made_up
from training.baselines import LifeStagePopularity, Logistic, Popularity
from training.evaluation import Scorer, View, evaluate
from training.evaluation.metrics import not_held


@pytest.fixture(scope="module")
def scorers() -> dict[str, Scorer]:
    train = made_up(1)
    return {
        "hybrid": Logistic.fit(train),
        "popularity": Popularity.fit(train),
        "life_stage_popularity": LifeStagePopularity.fit(train),
    }


@pytest.fixture(scope="module")
def view(scorers: dict[str, Scorer]) -> View:
    return evaluate(scorers, made_up(2), name="later", seed=1, resamples=50)


def test_figures_of_a_baseline_carry_its_name_and_ours_do_not(view: View) -> None:
    figures = {figure.name: figure.value for figure in figures_of("demo", view)}
    assert figures["demo.ndcg_at_5"] == view.metrics["hybrid"].ndcg_at_5.value
    assert figures["demo.popularity.log_loss"] == view.metrics["popularity"].log_loss.value


def test_the_bar_of_ours_is_the_best_baseline(view: View) -> None:
    figures = {figure.name: figure for figure in _better("demo", view)}
    best = max(view.metrics[key].ndcg_at_5.value for key in ("popularity", "life_stage_popularity"))
    assert figures["demo.ndcg_at_5"].bar == best
    assert figures["demo.ndcg_at_5"].holds
    assert figures["demo.clear_of_popularity"].holds


def test_whoever_ranks_by_the_truth_regrets_nothing(scorers: dict[str, Scorer]) -> None:
    rows = made_up(3, accounts=1000).take(np.arange(50))
    rows = rows.take(np.unique(rows.account, return_index=True)[1])
    chances = np.where(not_held(rows.held), scorers["hybrid"].propensities(rows), 0.9)
    truth = pd.DataFrame(
        {
            "account_id": np.repeat(rows.account_ids[rows.account], len(rows.products)),
            "product_id": np.tile(np.array(rows.products), len(rows)),
            "acceptance": chances.ravel(),
        }
    )
    regrets = _regrets(scorers, rows, truth)
    assert regrets["hybrid"] == pytest.approx(0.0)
    assert regrets["popularity"] > 0
