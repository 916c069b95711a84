"""The laws of every scorer. `ScorerLaws` is inherited once for each; discovery lets none escape."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from abc import ABC, abstractmethod
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

import training
from recommender.catalogue import parse_catalogue
from tests.training.rows import made_up
from training.baselines import (
    Boosting,
    BoostingConfig,
    LifeStagePopularity,
    Logistic,
    Popularity,
    fit_baselines,
)
from training.evaluation import Scorer, metrics
from training.hybrid import Hybrid, HybridConfig
from training.lightfm_fit import FactorisationConfig
from training.snapshots import Snapshots

TEXTS = "title: {en: A product}, message: {en: Here it is.}"
SHOP = parse_catalogue(
    "\n".join(
        [
            "name: shop",
            'version: "1"',
            "currency: EUR",
            "languages: [en]",
            "domains: {all: {title: {en: Everything}}}",
            "products:",
            *(
                f"  product_{k}: {{domain: all, type: service, url: /{k}, {TEXTS}}}"
                for k in range(5)
            ),
            "actions:",
            f"  browse: {{kind: advice, domain: all, url: /, {TEXTS}}}",
            "placements: {home: {slots: 1, fallback: [browse]}}",
        ]
    ),
    "shop.yaml",
)
"""A catalogue of the products that made-up rows are about."""


class ScorerLaws(ABC):
    """What holds for whatever is fitted on snapshots. `kind` is the class under test."""

    kind: type

    @abstractmethod
    def fit(self, train: Snapshots) -> Scorer: ...

    @pytest.fixture
    def scorer(self) -> Scorer:
        return self.fit(made_up(1))

    def test_each_row_sums_to_one_over_the_products_not_held(self, scorer: Scorer) -> None:
        rows = made_up(2)
        propensities = scorer.propensities(rows)
        assert propensities.dtype == np.float64
        assert propensities.shape == (len(rows.target), len(rows.products))
        assert (propensities >= 0).all()
        np.testing.assert_allclose(propensities.sum(axis=1), 1.0)
        assert (propensities[rows.held.toarray()] == 0).all()

    def test_fitting_again_gives_the_same(self, scorer: Scorer) -> None:
        again = self.fit(made_up(1))
        assert (again.propensities(made_up(2)) == scorer.propensities(made_up(2))).all()

    def test_rows_are_scored_alone(self, scorer: Scorer) -> None:
        rows = made_up(2)
        some = np.array([7, 3, 11, 3])
        np.testing.assert_allclose(
            scorer.propensities(rows.take(some)), scorer.propensities(rows)[some], atol=1e-12
        )

    def test_no_rows_give_no_rows(self, scorer: Scorer) -> None:
        nothing = made_up(2).take(np.array([], dtype=np.intp))
        assert scorer.propensities(nothing).shape == (0, len(nothing.products))

    def test_tokens_and_life_stages_never_seen_are_no_obstacle(self, scorer: Scorer) -> None:
        rows = made_up(2).take(np.arange(3))
        # One row with a token that no training row has, two rows without any token.
        last = rows.tokens.shape[1] - 1
        strange = csr_matrix(([np.float32(1)], ([0], [last])), shape=rows.tokens.shape)
        stages = np.array(["zzz", "", "a/b"], dtype=object)
        propensities = scorer.propensities(replace(rows, tokens=strange, life_stage=stages))
        np.testing.assert_allclose(propensities.sum(axis=1), 1.0)

    def test_whoever_holds_everything_is_promised_nothing(self, scorer: Scorer) -> None:
        rows = made_up(2).take(np.arange(2))
        everything = csr_matrix(np.ones(rows.held.shape, dtype=bool))
        assert (scorer.propensities(replace(rows, held=everything)) == 0).all()

    def test_a_product_that_nobody_took_is_no_obstacle(self) -> None:
        rows = made_up(1)
        without = rows.take(np.flatnonzero(rows.target != 2))
        propensities = self.fit(without).propensities(made_up(2))
        np.testing.assert_allclose(propensities.sum(axis=1), 1.0)

    def test_it_is_better_than_knowing_nothing(self, scorer: Scorer) -> None:
        rows = made_up(2)
        loss = metrics.log_loss(scorer.propensities(rows), rows.target).mean()
        equal_shares = np.log((~rows.held.toarray()).sum(axis=1)).mean()
        assert loss < equal_shares


class TestPopularity(ScorerLaws):
    kind = Popularity

    def fit(self, train: Snapshots) -> Scorer:
        return Popularity.fit(train)


class TestLifeStagePopularity(ScorerLaws):
    kind = LifeStagePopularity

    def fit(self, train: Snapshots) -> Scorer:
        return LifeStagePopularity.fit(train)


class TestLogistic(ScorerLaws):
    kind = Logistic

    def fit(self, train: Snapshots) -> Scorer:
        return Logistic.fit(train)


class TestBoosting(ScorerLaws):
    kind = Boosting

    def fit(self, train: Snapshots) -> Scorer:
        return Boosting.fit(train, BoostingConfig(max_rounds=30), seed=1)


class TestHybrid(ScorerLaws):
    kind = Hybrid

    def fit(self, train: Snapshots) -> Scorer:
        often = train.take(np.tile(np.arange(len(train)), 5))  # it wants 500 rows to learn from
        quick = FactorisationConfig(dimensions=8, epochs=6)
        return Hybrid.fit(often, SHOP, HybridConfig(factorisation=quick), seed=1)


def test_every_scorer_in_training_keeps_the_laws() -> None:
    found = {
        kind
        for module in pkgutil.walk_packages(training.__path__, "training.")
        for _, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
        if kind.__module__ == module.name and "propensities" in vars(kind) and kind is not Scorer
    }
    assert found == {laws.kind for laws in ScorerLaws.__subclasses__()}


def test_the_baselines_of_every_report_are_these_four() -> None:
    assert set(fit_baselines(made_up(1, rows=60), seed=1)) == {
        "popularity",
        "life_stage_popularity",
        "logistic_regression",
        "lightgbm",
    }


def test_one_product_taken_by_all_is_no_obstacle_to_the_logistic_regression() -> None:
    rows = made_up(1)
    only = Logistic.fit(rows.take(np.flatnonzero(rows.target == 2)))
    np.testing.assert_allclose(only.propensities(made_up(2)).sum(axis=1), 1.0)
