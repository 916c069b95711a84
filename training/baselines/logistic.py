"""Multinomial logistic regression on the same token rows: linear, convex, a peer to pass."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from training.evaluation.metrics import Floats
from training.evaluation.scorer import over_not_held
from training.snapshots import Snapshots


class LogisticConfig(BaseModel):
    """L-BFGS with an L2 penalty of 1/(2 c) on the sum of squared weights."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    c: float = Field(default=1.0, gt=0)
    max_iterations: int = Field(default=150, ge=1)
    tolerance: float = Field(default=3e-4, gt=0)


@dataclass(frozen=True, eq=False)
class Logistic:
    """A fitted scikit-learn model, or the only product anybody took where there is one."""

    model: Any
    taken: np.ndarray[tuple[int], np.dtype[np.int32]]

    @classmethod
    def fit(cls, train: Snapshots, config: LogisticConfig | None = None) -> Self:
        """Fit on `train`; a product that nobody took gets no propensity."""
        config = config or LogisticConfig()
        taken = np.unique(train.target)
        if len(taken) == 1:
            return cls(None, taken)
        model = LogisticRegression(C=config.c, max_iter=config.max_iterations, tol=config.tolerance)
        with warnings.catch_warnings():
            # A baseline has bounded time; a fit stopped near its optimum is as good on new rows.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(train.tokens, train.target)
        return cls(model, taken)

    def propensities(self, snapshots: Snapshots) -> Floats:
        shares = np.zeros((len(snapshots), len(snapshots.products)))
        if self.model is None:
            shares[:, self.taken] = 1.0
        elif len(shares):  # scikit-learn refuses no rows
            shares[:, self.taken] = self.model.predict_proba(snapshots.tokens)
        return over_not_held(shares, snapshots.held)
