"""What the gate measures of one model on its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from training.evaluation import metrics
from training.evaluation.metrics import Floats
from training.evaluation.reliability import calibration_error
from training.evaluation.view import SLOTS
from training.snapshots import Snapshots


@dataclass(frozen=True, eq=False)
class Measured:
    """Per row nDCG@5 and log loss, (n,) each; over all rows calibration error and coverage@3."""

    ndcg: Floats
    log_loss: Floats
    calibration_error: float
    coverage: float

    @classmethod
    def of(cls, propensities: Floats, rows: Snapshots) -> Self:
        rank = metrics.ranks(propensities, rows.target, rows.held)
        return cls(
            ndcg=metrics.ndcg(rank, 5),
            log_loss=metrics.log_loss(propensities, rows.target),
            calibration_error=calibration_error(propensities, rows.target),
            coverage=metrics.coverage(propensities, rows.held, SLOTS),
        )

    def means(self) -> dict[str, float]:
        """The four figures by name."""
        return {
            "nDCG@5": float(np.mean(self.ndcg)),
            "log loss": float(np.mean(self.log_loss)),
            "calibration error": self.calibration_error,
            "coverage@3": self.coverage,
        }
