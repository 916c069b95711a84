"""The popularity baselines: what everybody takes, and what people in one life stage take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from training.evaluation.metrics import Floats
from training.evaluation.scorer import over_not_held
from training.snapshots import Snapshots


class PopularityConfig(BaseModel):
    """Pseudo-takings that keep rare products possible and small life stages near the whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prior_takings: float = Field(default=0.5, gt=0)
    """Added to every product's count, so that none is impossible."""
    stage_takings: float = Field(default=20.0, gt=0)
    """A life stage counts its own takings plus this many spread as in the whole."""


@dataclass(frozen=True, eq=False)
class Popularity:
    """Each product by its share of all takings: `shares` (products,)."""

    shares: Floats

    @classmethod
    def fit(cls, train: Snapshots, config: PopularityConfig | None = None) -> Self:
        config = config or PopularityConfig()
        counts = np.bincount(train.target, minlength=len(train.products)) + config.prior_takings
        return cls(counts / counts.sum())

    def propensities(self, snapshots: Snapshots) -> Floats:
        weights = np.broadcast_to(self.shares, (len(snapshots), len(self.shares)))
        return over_not_held(weights, snapshots.held)


@dataclass(frozen=True, eq=False)
class LifeStagePopularity:
    """Shares within a life stage, shrunk towards the whole; an unseen stage is the whole.

    `shares` (stages + 1, products) follow the sorted `stages`; the last row is the whole.
    """

    stages: np.ndarray[tuple[int], np.dtype[np.object_]]
    shares: Floats

    @classmethod
    def fit(cls, train: Snapshots, config: PopularityConfig | None = None) -> Self:
        config = config or PopularityConfig()
        whole = Popularity.fit(train, config).shares
        stages, place = np.unique(train.life_stage, return_inverse=True)
        counts = np.zeros((len(stages) + 1, len(whole)))
        np.add.at(counts, (place, train.target), 1.0)
        counts += config.stage_takings * whole
        return cls(stages, counts / counts.sum(axis=1, keepdims=True))

    def propensities(self, snapshots: Snapshots) -> Floats:
        place = np.searchsorted(self.stages, snapshots.life_stage)
        known = np.append(self.stages, "")[place] == snapshots.life_stage
        return over_not_held(self.shares[np.where(known, place, len(self.stages))], snapshots.held)
