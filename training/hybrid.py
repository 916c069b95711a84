"""The hybrid model: LightFM's factors with calibration on top, as the very Model that serves."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from threadpoolctl import threadpool_limits

from recommender.catalogue import Catalogue
from recommender.features import FeatureSpec
from recommender.model import Model
from training.calibration import Calibration, CalibrationConfig, TooFewRows, calibrate
from training.corrections import CorrectionsConfig, correct
from training.evaluation import over_not_held
from training.lightfm_fit import FactorisationConfig, Factors, factorise, product_features
from training.rounds import RoundsConfig, known, mean_model
from training.snapshots import Snapshots
from training.splits import drawn_accounts

Floats = NDArray[np.float64]

LEAST_ROWS = 500
"""Fewer rows than this make a model of nothing."""


class HybridConfig(BaseModel):
    """How the hybrid model learns and is calibrated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    factorisation: FactorisationConfig = FactorisationConfig()
    corrections: CorrectionsConfig = CorrectionsConfig()
    calibration: CalibrationConfig = CalibrationConfig()
    rounds: RoundsConfig = RoundsConfig()

    def settled(self, rows: int) -> HybridConfig:
        """See `RoundsConfig.settled`."""
        return self.model_copy(update={"rounds": self.rounds.settled(rows)})


@dataclass(frozen=True, eq=False)
class Hybrid:
    """A scorer for evaluation around the Model that serving reads: one arithmetic for both."""

    model: Model
    """The mean of the rounds."""
    seconds: dict[str, float]
    """How long `fit` (LightFM alone), `correct` and `calibrate` took, in all fits."""
    rounds: tuple[Model, ...]
    """What was learnt from all rows, from those known a week ago, two weeks ago ..."""

    @classmethod
    def fit(
        cls, snapshots: Snapshots, catalogue: Catalogue, config: HybridConfig, *, seed: int
    ) -> Hybrid:
        """The mean of several fits where rows are few (see `training.rounds`), or one.

        Raises:
            TooFewRows: fewer than 500 rows, or fewer than 50 to calibrate on.
        """
        if len(snapshots) < LEAST_ROWS:
            raise TooFewRows(
                f"{len(snapshots)} rows to learn from, at least {LEAST_ROWS} are needed; "
                "use a longer window or more accounts"
            )
        few = len(snapshots) < config.rounds.many_rows
        seeds = range(seed, seed + config.rounds.fits) if few else [seed]
        seconds: Counter[str] = Counter()
        rounds = [
            mean_model([_fit_once(rows, catalogue, config, one, seconds) for one in seeds])
            for rows in (_rounds(snapshots, config.rounds.weeks) if few else [snapshots])
        ]
        return cls(mean_model(rounds), dict(seconds), tuple(rounds))

    def propensities(self, snapshots: Snapshots) -> Floats:
        """(n, P): see `training.evaluation.Scorer`."""
        columns = _columns(snapshots, self.model)
        logits = self.model.logits_of_rows(snapshots.tokens[:, columns])
        logits = np.where(snapshots.held.toarray(), -np.inf, logits)
        top = logits.max(axis=1, keepdims=True)
        odds = np.exp(logits - np.where(np.isfinite(top), top, 0.0))
        return over_not_held(odds, snapshots.held)


def _rounds(snapshots: Snapshots, weeks: int) -> Iterator[Snapshots]:
    """All rows, those known a week ago ... as far back as there are enough."""
    for weeks_ago in range(weeks):
        rows = snapshots.take(known(snapshots.moment, weeks_ago=weeks_ago))
        if len(rows) < LEAST_ROWS:
            return
        yield rows


def _fit_once(
    snapshots: Snapshots,
    catalogue: Catalogue,
    config: HybridConfig,
    seed: int,
    seconds: Counter[str],
) -> Model:
    """Learn from most accounts' rows and calibrate on the others'; `seconds` are added to."""
    share = config.calibration.share_of(len(snapshots))
    apart = drawn_accounts(snapshots, share, seed=seed)
    train, held_out = snapshots.take(~apart), snapshots.take(apart)
    features = product_features(snapshots.products, catalogue)

    started = time.perf_counter()
    factors = factorise(train, features, config.factorisation, seed=seed)
    fitted = time.perf_counter()
    with threadpool_limits(1, user_api="blas"):  # equal bytes, and faster on small matrices
        factors = correct(factors, train, catalogue, config.corrections, seed=seed)
    corrected = time.perf_counter()
    raw = _model(factors, Calibration(1.0, np.zeros(len(snapshots.products))), train, catalogue)
    scores = raw.logits_of_rows(held_out.tokens[:, _seen(train)])
    calibration = calibrate(scores, held_out.target, held_out.held, config.calibration)
    model = _model(factors, calibration, train, catalogue)
    calibrated = time.perf_counter()
    took = (fitted - started, corrected - fitted, calibrated - corrected)
    seconds.update(dict(zip(("fit", "correct", "calibrate"), took, strict=True)))
    return model


def _model(
    factors: Factors, calibration: Calibration, train: Snapshots, catalogue: Catalogue
) -> Model:
    """The Model in float32's precision, as it will be read back; unseen tokens are left out.

    A token that no row had still has its random first vector, which means nothing.
    """
    seen = _seen(train)
    vectors = {
        "token_vectors": _as_stored(factors.token_vectors[seen]),
        "product_vectors": _as_stored(factors.product_vectors),
        "product_bias": _as_stored(factors.product_bias),
        "calibration_offset": _as_stored(calibration.offset),
    }
    scale = float(np.float32(calibration.scale))
    digest = hashlib.sha256(repr((scale, train.products, catalogue.digest)).encode())
    for array in vectors.values():
        digest.update(array.tobytes())
    return Model(
        version=f"{train.moment.max().astype('datetime64[D]')}-{digest.hexdigest()[:12]}",
        features_digest=FeatureSpec.from_catalogue(catalogue).digest,
        vocabulary=tuple(train.vocabulary[column] for column in seen.tolist()),
        products=train.products,
        calibration_scale=scale,
        acceptance=None,  # responses teach it, later
        **vectors,
    )


def _as_stored(array: Floats) -> Floats:
    stored: Floats = array.astype(np.float32).astype(np.float64)
    return stored


def _seen(snapshots: Snapshots) -> NDArray[np.intp]:
    return np.flatnonzero(snapshots.token_counts())


def _columns(snapshots: Snapshots, model: Model) -> list[int]:
    places = {token: column for column, token in enumerate(snapshots.vocabulary)}
    return [places[token] for token in model.vocabulary]
