"""What a model says of offers before they are answered: what is taken next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import log_softmax

from recommender.model import Model
from training.responses.rows import Responses

Floats = NDArray[np.float64]

AT_ONCE = 100_000
"""Offers at a time: each has a number for every product, whatever was shown of them."""


@dataclass(frozen=True, eq=False)
class Known:
    """`table` (T + 1, P): the model's log odds of each token, and in the last row everyone's.

    Without what raises all products together, which says nothing of which is next: the mean over
    the products, each by its average share of what these accounts take next.
    """

    table: Floats
    log_chance: Floats
    """(n,): the log of the chance that what was shown is what the account takes next."""

    @classmethod
    def of(
        cls,
        model: Model,
        present: csr_matrix,
        responses: Responses,
        columns: NDArray[np.int64],
    ) -> Known:
        """`present` (n, T + 1) has the tokens; `columns` are the model's, by product."""
        scale = model.calibration_scale
        everyone = model.product_bias * scale + model.calibration_offset
        table = np.vstack([scale * model.token_vectors @ model.product_vectors.T, everyone])
        log_chance, shares = np.zeros(len(responses)), np.zeros(len(everyone))
        for first in range(0, len(responses), AT_ONCE):
            some = slice(first, first + AT_ONCE)
            shown = columns[responses.product[some]]
            logs = _log_chances(present[some] @ table, responses.held[some], shown, columns)
            log_chance[some] = logs[np.arange(len(shown)), shown]
            shares += np.exp(logs).sum(axis=0)
        return cls(table - (table @ shares)[:, None] / len(responses), log_chance)


def _log_chances(
    logits: Floats, held: csr_matrix, shown: NDArray[np.int64], columns: NDArray[np.int64]
) -> Floats:
    """(n, P): over what was not held; what was shown was on offer, whatever was held."""
    free = np.ones(logits.shape, dtype=np.bool_)
    free[:, columns] = ~held.toarray()
    free[np.arange(len(shown)), shown] = True
    logs: Floats = log_softmax(np.where(free, logits, -np.inf), axis=1)
    return logs
