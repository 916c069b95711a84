"""LightGBM, one tree per product and round, on the same token rows: the mark to reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import lightgbm
import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from training.evaluation.metrics import Floats
from training.evaluation.scorer import over_not_held
from training.snapshots import Snapshots


class BoostingConfig(BaseModel):
    """Small trees with an L2 penalty: without it the trees of rare products diverge.

    The number of rounds is found on a share of the accounts, then all rows are fitted with it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    leaves: int = Field(default=8, ge=2)
    learning_rate: float = Field(default=0.15, gt=0)
    least_rows_in_leaf: int = Field(default=5, ge=1)
    l2: float = Field(default=5.0, ge=0)
    feature_share: float = Field(default=0.5, gt=0, le=1)
    max_rounds: int = Field(default=150, ge=1)
    patience_rounds: int = Field(default=10, ge=1)
    watched_share: float = Field(default=0.15, gt=0, lt=1)
    threads: int = Field(default=1, ge=1)
    """Rounds this small wait for each other: a second thread gains little on an idle machine, and
    on a busy one it costs ten times the first's time."""


@dataclass(frozen=True, eq=False)
class Boosting:
    """A fitted booster."""

    booster: Any

    @classmethod
    def fit(cls, train: Snapshots, config: BoostingConfig | None = None, *, seed: int = 1) -> Self:
        config = config or BoostingConfig()
        parameters = _parameters(config, len(train.products), seed)
        rounds = _best_rounds(train, config, parameters, seed)
        return cls(lightgbm.train(parameters, _rows(train), num_boost_round=rounds))

    def propensities(self, snapshots: Snapshots) -> Floats:
        if not len(snapshots):  # LightGBM refuses no rows
            return np.zeros((0, len(snapshots.products)))
        shares = self.booster.predict(snapshots.tokens.astype(np.float64))
        return over_not_held(shares, snapshots.held)


def _parameters(config: BoostingConfig, products: int, seed: int) -> dict[str, Any]:
    return {
        "objective": "multiclass",
        "num_class": products,
        "num_leaves": config.leaves,
        "learning_rate": config.learning_rate,
        "min_data_in_leaf": config.least_rows_in_leaf,
        "min_sum_hessian_in_leaf": 1.0,
        "lambda_l2": config.l2,
        "feature_fraction": config.feature_share,
        "num_threads": config.threads,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
    }


def _rows(snapshots: Snapshots) -> Any:
    return lightgbm.Dataset(snapshots.tokens.astype(np.float64), snapshots.target)


def _best_rounds(
    train: Snapshots, config: BoostingConfig, parameters: dict[str, Any], seed: int
) -> int:
    """The number of rounds after which accounts left out are predicted best."""
    accounts = np.unique(train.account)
    rng = np.random.default_rng(seed)
    watched = rng.choice(accounts, size=int(len(accounts) * config.watched_share), replace=False)
    is_watched = np.isin(train.account, watched)
    if not is_watched.any():
        return config.max_rounds
    booster = lightgbm.train(
        parameters,
        _rows(train.take(np.flatnonzero(~is_watched))),
        num_boost_round=config.max_rounds,
        valid_sets=[_rows(train.take(np.flatnonzero(is_watched)))],
        callbacks=[lightgbm.early_stopping(config.patience_rounds, verbose=False)],
    )
    return int(booster.best_iteration)
