"""Refinement lowers the log loss it says it lowers, and does the same twice."""

from __future__ import annotations

import numpy as np

from recommender.catalogue import Catalogue
from training.calibration import CalibrationConfig, calibrate
from training.lightfm_fit import FactorisationConfig, Factors, factorise, product_features
from training.refinement import RefinementConfig, refine
from training.snapshots import Snapshots

QUICK = FactorisationConfig(dimensions=8, epochs=5)


def factors_of(snapshots: Snapshots, catalogue: Catalogue) -> Factors:
    features = product_features(snapshots.products, catalogue)
    return factorise(snapshots, features, QUICK, seed=1)


def log_loss(factors: Factors, snapshots: Snapshots, scale: float = 1.0) -> float:
    scores = snapshots.tokens @ factors.token_vectors @ factors.product_vectors.T
    logits = np.where(snapshots.held.toarray(), -np.inf, scale * (scores + factors.product_bias))
    logits -= logits.max(axis=1, keepdims=True)
    chances = np.exp(logits)
    chances /= chances.sum(axis=1, keepdims=True)
    return float(-np.log(chances[np.arange(len(snapshots)), snapshots.target]).mean())


def test_the_log_loss_falls_below_the_best_scale_alone(
    snapshots: Snapshots, catalogue: Catalogue
) -> None:
    before = factors_of(snapshots, catalogue)
    scores = snapshots.tokens @ before.token_vectors @ before.product_vectors.T
    scale = calibrate(
        scores + before.product_bias, snapshots.target, snapshots.held, CalibrationConfig()
    ).scale
    after = refine(before, snapshots, RefinementConfig(epochs=30, batch=128), seed=1)
    assert log_loss(after, snapshots) < log_loss(before, snapshots, scale)


def test_equal_arguments_give_equal_bytes(snapshots: Snapshots, catalogue: Catalogue) -> None:
    before = factors_of(snapshots, catalogue)
    once, again = (refine(before, snapshots, RefinementConfig(), seed=3) for _ in range(2))
    assert once.token_vectors.tobytes() == again.token_vectors.tobytes()
    assert once.product_bias.tobytes() == again.product_bias.tobytes()


def test_no_epochs_change_nothing(snapshots: Snapshots, catalogue: Catalogue) -> None:
    before = factors_of(snapshots, catalogue)
    after = refine(before, snapshots, RefinementConfig(epochs=0), seed=1)
    assert np.allclose(after.token_vectors, before.token_vectors, atol=1e-6)
