"""What the hybrid model is measured against, in every report, on the same rows."""

from __future__ import annotations

from training.baselines.boosting import Boosting, BoostingConfig
from training.baselines.logistic import Logistic, LogisticConfig
from training.baselines.popularity import LifeStagePopularity, Popularity, PopularityConfig
from training.evaluation import Scorer
from training.snapshots import Snapshots

__all__ = [
    "Boosting",
    "BoostingConfig",
    "LifeStagePopularity",
    "Logistic",
    "LogisticConfig",
    "Popularity",
    "PopularityConfig",
    "fit_baselines",
]


def fit_baselines(train: Snapshots, *, seed: int) -> dict[str, Scorer]:
    """All baselines fitted on `train`, by the name that reports and figures use."""
    return {
        "popularity": Popularity.fit(train),
        "life_stage_popularity": LifeStagePopularity.fit(train),
        "logistic_regression": Logistic.fit(train),
        "lightgbm": Boosting.fit(train, seed=seed),
    }
