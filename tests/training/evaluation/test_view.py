from __future__ import annotations

import numpy as np
import pytest

from tests.training.rows import STAGES, made_up
from training.baselines import LifeStagePopularity, Logistic, Popularity
from training.evaluation import Scorer, View, evaluate, metrics
from training.evaluation.reliability import calibration_error


@pytest.fixture(scope="module")
def view() -> View:
    train, test = made_up(1), made_up(2)
    scorers: dict[str, Scorer] = {
        "hybrid": Logistic.fit(train),
        "popularity": Popularity.fit(train),
        "life_stage_popularity": LifeStagePopularity.fit(train),
        "same": Logistic.fit(train),
    }
    return evaluate(scorers, test, name="a view", seed=1, resamples=100)


def test_a_view_measures_every_scorer_on_every_row(view: View) -> None:
    test = made_up(2)
    propensities = Popularity.fit(made_up(1)).propensities(test)
    rank = metrics.ranks(propensities, test.target, test.held)
    measured = view.metrics["popularity"]
    assert view.rows == len(test.target)
    assert measured.hit_at_1.value == pytest.approx(metrics.hit(rank, 1).mean())
    assert measured.ndcg_at_5.value == pytest.approx(metrics.ndcg(rank, 5).mean())
    assert measured.log_loss.value == pytest.approx(
        metrics.log_loss(propensities, test.target).mean()
    )
    assert measured.calibration_error.value == pytest.approx(
        calibration_error(propensities, test.target)
    )


def test_a_scorer_gains_nothing_over_itself(view: View) -> None:
    gain = view.gains["same"]
    assert (gain.low, gain.value, gain.high) == (0, 0, 0)


def test_a_scorer_that_learnt_is_clear_of_popularity(view: View) -> None:
    assert view.trial == "hybrid"
    assert view.metrics["hybrid"].ndcg_at_5.clear_of(view.metrics["popularity"].ndcg_at_5)
    assert view.gains["popularity"].low > 0


def test_values_lie_within_their_intervals(view: View) -> None:
    for measured in view.metrics.values():
        for estimate in (measured.hit_at_1, measured.log_loss, measured.calibration_error):
            assert estimate.low <= estimate.value <= estimate.high


def test_life_stages_come_with_the_most_frequent_first_and_rare_ones_not_at_all(
    view: View,
) -> None:
    assert {stage.name for stage in view.stages} == set(STAGES)
    assert [stage.rows for stage in view.stages] == sorted(
        (stage.rows for stage in view.stages), reverse=True
    )
    few = made_up(2).take(np.arange(20))
    scorers = {"hybrid": Popularity.fit(made_up(1))}
    assert evaluate(scorers, few, name="few", seed=1, resamples=10).stages == ()


def test_the_numbers_of_a_manifest_are_plain(view: View) -> None:
    numbers = view.metrics["hybrid"].numbers()
    assert set(numbers) >= {"hit_at_1", "log_loss", "coverage_at_3"}
    assert all(type(value) is float for value in numbers.values())


def test_no_rows_is_an_error_that_names_the_view() -> None:
    nothing = made_up(1).take(np.array([], dtype=np.intp))
    with pytest.raises(ValueError, match="unseen"):
        evaluate({"hybrid": Popularity.fit(made_up(1))}, nothing, name="unseen", seed=1)
