"""From scores to propensities: a scale, and an offset for each product, fitted on held-out rows.

P(next = p) = softmax over the products not held of scale * score(p) + offset(p). That is vector
scaling (Guo et al. 2017, https://arxiv.org/abs/1706.04599) with one scale. Offsets are shrunk
towards 0, so a product that few held-out rows took keeps the score that the model gave it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from recommender.errors import RaakError

Floats = NDArray[np.float64]

LEAST_ROWS = 50
"""Fewer held-out rows than this cannot tell a scale from chance."""


class CalibrationConfig(BaseModel):
    """`share` of the accounts is held out; `shrinkage` is the precision of a prior on offsets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: float = Field(default=0.05, gt=0, lt=0.5)
    shrinkage: float = Field(default=200.0, gt=0)
    """About so many held-out takings of a product bring its offset half-way. Smaller costs accuracy
    where two products are close: held-out rows are few, and their offsets are noise."""

    def share_of(self, rows: int) -> float:
        """The share of accounts to hold out of so many rows: more where they are few.

        >>> CalibrationConfig().share_of(40_000), CalibrationConfig().share_of(1_000)
        (0.05, 0.15)
        """
        return max(self.share, min(0.3, 3 * LEAST_ROWS / rows))


class TooFewRows(RaakError):
    """There is too little to learn from; the text says how much there is and how much is needed."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """`scale` and offset (P,), in log-odds."""

    scale: float
    offset: Floats


def calibrate(
    scores: Floats, target: NDArray[np.int32], held: csr_matrix, config: CalibrationConfig
) -> Calibration:
    """Fit on `scores` (n, P) of rows that the scorer has not seen.

    Raises:
        TooFewRows: fewer than 50 rows.
    """
    count, products = scores.shape
    if count < LEAST_ROWS:
        raise TooFewRows(
            f"{count} rows to calibrate on, at least {LEAST_ROWS} are needed; "
            "use a longer window or more accounts"
        )
    masked = np.where(held.toarray(), -np.inf, scores)
    may = np.isfinite(masked)
    finite = np.where(may, scores, 0.0)
    rows = np.arange(count)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        scale, offset = parameters[0], parameters[1:]
        logits = np.where(may, scale * finite + offset, -np.inf)
        logits -= logits.max(axis=1, keepdims=True)
        chances = np.exp(logits)
        chances /= chances.sum(axis=1, keepdims=True)
        taken = np.maximum(chances[rows, target], np.finfo(np.float64).tiny)
        value = -np.log(taken).sum() + 0.5 * config.shrinkage * (offset @ offset)
        chances[rows, target] -= 1.0
        slope = np.concatenate(
            [[(chances * finite).sum()], chances.sum(axis=0) + config.shrinkage * offset]
        )
        return float(value), slope

    start = np.concatenate([[1.0], np.zeros(products)])
    found = minimize(loss, start, jac=True, method="L-BFGS-B")
    return Calibration(float(found.x[0]), np.asarray(found.x[1:]))
