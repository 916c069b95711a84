"""Training, from a small bank's tables to an artefact that reads back as what was tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from recommender.artefact import MANIFEST, read_artefact, read_manifest
from recommender.catalogue import Catalogue
from tests.training.snapshots.frames import as_tables
from training.calibration import TooFewRows
from training.hybrid import Hybrid, HybridConfig
from training.lightfm_fit import FactorisationConfig
from training.report import render
from training.snapshots import build_snapshots
from training.tables import Tables
from training.train import PHASES, TrainConfig, TrainedModel, train
from training.trials import LATER, UNSEEN, TrialConfig
from training.world import generate

NOW = datetime(2026, 11, 23, tzinfo=UTC)
QUICK = TrainConfig(
    hybrid=HybridConfig(factorisation=FactorisationConfig(dimensions=8, epochs=4)),
    trials=TrialConfig(resamples=20),
)


@pytest.fixture(scope="module")
def tables(catalogue: Catalogue) -> Tables:
    made = generate(catalogue, accounts=450, months=12, seed=5, until=date(2026, 11, 23))
    return as_tables(made.frames(), catalogue)


@pytest.fixture(scope="module")
def begun() -> list[str]:
    return []


@pytest.fixture(scope="module")
def trained(tables: Tables, catalogue: Catalogue, begun: list[str]) -> TrainedModel:
    return train(tables, catalogue, QUICK, created_at=NOW, began=begun.append)


def without_trials(tables: Tables, catalogue: Catalogue, *, seed: int = 1) -> TrainedModel:
    return train(tables, catalogue, QUICK, created_at=NOW, seed=seed, with_trials=False)


def test_the_artefact_reads_back_as_the_model(trained: TrainedModel) -> None:
    read = read_artefact(trained.files)
    tokens = trained.model.vocabulary[::3]
    assert read.version == trained.model.version
    assert read.propensities(tokens, set()) == trained.model.propensities(tokens, set())


def test_serving_gives_the_propensities_that_were_measured(
    trained: TrainedModel, tables: Tables, catalogue: Catalogue
) -> None:
    rows = build_snapshots(tables, catalogue, QUICK.snapshots).take(range(0, 60, 3))
    measured = Hybrid(trained.model, {}, ()).propensities(rows)
    served = read_artefact(trained.files)
    for row in range(len(rows)):
        held = {rows.products[column] for column in rows.held[row].indices}
        answer = served.propensities(rows.tokens_of(row), held)
        assert answer == pytest.approx(measured[row], abs=1e-9)


def test_both_trials_measure_the_hybrid_beside_every_baseline(trained: TrainedModel) -> None:
    assert [view.name for view in trained.views] == [LATER, UNSEEN]
    for view in trained.views:
        assert list(view.metrics) == [
            "hybrid",
            "popularity",
            "life_stage_popularity",
            "logistic_regression",
            "lightgbm",
        ]
        assert view.trial == "hybrid"


def test_even_a_small_bank_is_known_better_than_by_popularity(trained: TrainedModel) -> None:
    for view in trained.views:
        assert view.gains["popularity"].low > 0


def test_the_manifest_says_where_the_model_came_from(
    trained: TrainedModel, catalogue: Catalogue
) -> None:
    manifest = read_manifest(trained.files[MANIFEST])
    assert manifest.created_at == "2026-11-23T00:00:00+00:00"
    assert manifest.catalogue_digest == catalogue.digest
    assert manifest.config["seed"] == 1
    assert manifest.metrics[LATER]["hybrid"] == trained.views[0].metrics["hybrid"].numbers()
    assert manifest.data_window["from"] < manifest.data_window["until"] < "2026-11-23"
    assert len(manifest.warm_up) == 5


def test_every_phase_is_told_of_in_order_and_timed(trained: TrainedModel, begun: list[str]) -> None:
    assert begun == list(PHASES)
    assert set(trained.seconds) == set(PHASES)
    assert trained.peak_mb > 0


def test_the_report_names_the_model_and_the_trials(trained: TrainedModel) -> None:
    assert trained.report is not None
    page = render(trained.report)
    for words in (trained.model.version, LATER, UNSEEN, "hybrid.factorisation.epochs"):
        assert words in page


def test_equal_tables_and_seeds_give_equal_bytes(
    trained: TrainedModel, tables: Tables, catalogue: Catalogue
) -> None:
    again = without_trials(tables, catalogue)
    names = set(trained.files) - {MANIFEST}
    assert {name: again.files[name] for name in names} == {
        name: trained.files[name] for name in names
    }
    assert again.model.version == trained.model.version
    assert without_trials(tables, catalogue, seed=2).model.version != again.model.version


def test_without_trials_there_is_an_artefact_and_no_report(
    tables: Tables, catalogue: Catalogue
) -> None:
    trained = without_trials(tables, catalogue)
    assert trained.views == ()
    assert trained.report is None
    assert set(trained.seconds) == {"snapshots", "leak guard", "model", "responses", "artefact"}


def test_too_few_takings_are_counted_in_one_clear_line(
    tables: Tables, catalogue: Catalogue
) -> None:
    few = replace(tables, holdings=tables.holdings.iloc[:40])
    with pytest.raises(TooFewRows, match=r"^\d+ rows to learn from, at least \d+ are needed"):
        without_trials(few, catalogue)


def test_tokens_of_no_row_have_no_vector(trained: TrainedModel, tables: Tables) -> None:
    assert "region:unknown" not in trained.model.vocabulary
    assert np.isfinite(trained.model.token_vectors).all()
