"""The search never ends worse than the usual settings, repeats itself, and spares its rows."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.catalogue import Catalogue
from tests.training.snapshots.frames import as_tables
from training.calibration import TooFewRows
from training.hybrid import HybridConfig
from training.lightfm_fit import FactorisationConfig
from training.rounds import RoundsConfig
from training.search import Attempt, Found, SearchConfig, search
from training.search.space import usual
from training.snapshots import Snapshots, build_snapshots
from training.world import generate

BASE = HybridConfig(
    factorisation=FactorisationConfig(dimensions=16, epochs=5), rounds=RoundsConfig(weeks=1, fits=1)
)
CONFIG = SearchConfig(rungs=(0.8, 1.0), startup_trials=1)
TRIALS = 4


@pytest.fixture(scope="module")
def rows(catalogue: Catalogue) -> Snapshots:
    made = generate(catalogue, accounts=700, months=12, seed=5, until=date(2026, 11, 23))
    return build_snapshots(as_tables(made.frames(), catalogue), catalogue)


@pytest.fixture(scope="module")
def told() -> list[Attempt]:
    return []


@pytest.fixture(scope="module")
def found(rows: Snapshots, catalogue: Catalogue, told: list[Attempt]) -> Found:
    return search(rows, catalogue, BASE, CONFIG, trials=TRIALS, seed=1, told=told.append)


def test_the_usual_settings_are_tried_first_so_the_best_is_never_worse(found: Found) -> None:
    first = found.attempts[0]
    assert first.settings == usual(BASE)
    assert first.log_loss is not None
    assert found.best.log_loss is not None
    assert found.best.log_loss <= first.log_loss
    assert usual(found.config) == found.best.settings


def test_every_trial_is_told_of_as_it_ends(found: Found, told: list[Attempt]) -> None:
    assert [attempt.number for attempt in told] == list(range(TRIALS))
    assert tuple(told) == found.attempts


def test_equal_seeds_search_equally(found: Found, rows: Snapshots, catalogue: Catalogue) -> None:
    assert search(rows, catalogue, BASE, CONFIG, trials=TRIALS, seed=1) == found


def test_settings_that_are_not_searched_stay_as_they_were(found: Found) -> None:
    assert found.config.corrections.batch == BASE.corrections.batch
    assert found.config.factorisation.threads == 1
    assert found.config.rounds == BASE.rounds


def test_a_trial_that_lags_behind_is_given_up_early(rows: Snapshots, catalogue: Catalogue) -> None:
    many = search(rows, catalogue, BASE, CONFIG, trials=9, seed=3)
    assert any(attempt.log_loss is None for attempt in many.attempts)


def test_too_few_rows_are_counted(rows: Snapshots, catalogue: Catalogue) -> None:
    with pytest.raises(TooFewRows, match=r"^\d+ rows to search with, at least 500 are needed"):
        search(rows.take(range(300)), catalogue, BASE, CONFIG, trials=2, seed=1)
