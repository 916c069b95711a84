"""The hybrid is a scorer like any other, and the Model inside it is what serving reads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.catalogue import Catalogue
from recommender.features import FeatureSpec
from tests.training.rows import made_up
from training.calibration import TooFewRows
from training.evaluation.metrics import not_held
from training.hybrid import Hybrid, HybridConfig
from training.lightfm_fit import FactorisationConfig
from training.snapshots import Snapshots

QUICK = HybridConfig(factorisation=FactorisationConfig(dimensions=8, epochs=6))


def rows_of(catalogue: Catalogue, seed: int = 1, *, rows: int = 1200) -> Snapshots:
    """Made-up rows about the first products of the catalogue."""
    made = made_up(seed, rows=rows, accounts=rows // 3)
    return replace(made, products=tuple(catalogue.products)[: len(made.products)])


@pytest.fixture(scope="module")
def rows(catalogue: Catalogue) -> Snapshots:
    return rows_of(catalogue)


@pytest.fixture(scope="module")
def hybrid(catalogue: Catalogue, rows: Snapshots) -> Hybrid:
    return Hybrid.fit(rows, catalogue, QUICK, seed=1)


def log_loss(scorer: Hybrid, rows: Snapshots) -> float:
    own = scorer.propensities(rows)[np.arange(len(rows)), rows.target]
    return float(-np.log(own).mean())


def test_each_row_sums_to_one_over_what_is_not_held(hybrid: Hybrid, rows: Snapshots) -> None:
    shares = hybrid.propensities(rows)
    assert shares.sum(axis=1) == pytest.approx(np.ones(len(rows)))
    assert (shares[~not_held(rows.held)] == 0).all()
    assert (shares[not_held(rows.held)] > 0).all()


def test_whoever_holds_everything_is_promised_nothing(hybrid: Hybrid, rows: Snapshots) -> None:
    two = rows.take([0, 1])
    all_held = replace(two, held=csr_matrix(np.ones(two.held.shape, dtype=np.bool_)))
    assert (hybrid.propensities(all_held) == 0).all()


def test_a_row_is_scored_alike_whatever_stands_around_it(hybrid: Hybrid, rows: Snapshots) -> None:
    order: NDArray[np.intp] = np.random.default_rng(0).permutation(len(rows))
    shuffled = hybrid.propensities(rows.take(order))
    assert shuffled == pytest.approx(hybrid.propensities(rows)[order], abs=1e-12)


def test_it_is_the_model_that_serving_reads(hybrid: Hybrid, rows: Snapshots) -> None:
    measured = hybrid.propensities(rows)
    for row in range(30):
        held = {rows.products[column] for column in rows.held[row].indices}
        served = hybrid.model.propensities(rows.tokens_of(row), held)
        assert served == pytest.approx(measured[row], abs=1e-9)


def test_its_numbers_are_as_the_artefact_stores_them(hybrid: Hybrid, catalogue: Catalogue) -> None:
    model = hybrid.model
    for array in (model.token_vectors, model.product_vectors, model.calibration_offset):
        assert (array == array.astype(np.float32)).all()
    assert model.features_digest == FeatureSpec.from_catalogue(catalogue).digest


def test_tokens_that_no_row_had_are_left_out(hybrid: Hybrid, rows: Snapshots) -> None:
    never = rows.vocabulary[-1]
    assert never not in hybrid.model.vocabulary
    assert set(hybrid.model.vocabulary) < set(rows.vocabulary)


def test_on_rows_never_seen_it_knows_more_than_the_shares_do(
    hybrid: Hybrid, catalogue: Catalogue, rows: Snapshots
) -> None:
    fresh = rows_of(catalogue, seed=2)
    chances = np.bincount(rows.target, minlength=len(rows.products)) / len(rows)
    weights = np.where(not_held(fresh.held), chances, 0.0)
    own = (weights / weights.sum(axis=1, keepdims=True))[np.arange(len(fresh)), fresh.target]
    assert log_loss(hybrid, fresh) < -np.log(own).mean() - 0.2


def test_equal_rows_give_an_equal_version_and_other_rows_another(
    hybrid: Hybrid, catalogue: Catalogue, rows: Snapshots
) -> None:
    assert Hybrid.fit(rows, catalogue, QUICK, seed=1).model.version == hybrid.model.version
    fewer = rows.take(np.arange(len(rows) - 100))
    assert Hybrid.fit(fewer, catalogue, QUICK, seed=1).model.version != hybrid.model.version


def test_too_few_rows_are_counted(catalogue: Catalogue, rows: Snapshots) -> None:
    with pytest.raises(TooFewRows, match="499 rows to learn from, at least 500 are needed"):
        Hybrid.fit(rows.take(np.arange(499)), catalogue, QUICK, seed=1)
