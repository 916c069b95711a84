"""A few passes that fit the factors to what was taken, as probabilities.

WARP places the product that was taken above the others and stops caring by how much; what it
leaves on the table is likelihood. Starting where LightFM ends, Adam (Kingma and Ba 2015,
https://arxiv.org/abs/1412.6980) lowers the log loss of the softmax over the products not held, the
very thing that serving computes. The factors stay what they were, vectors to be summed; stopping
early keeps them from overfitting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from scipy.sparse import csr_matrix

from training.lightfm_fit import Factors
from training.snapshots import Snapshots

Singles = NDArray[np.float32]

FIRST_MOMENT, SECOND_MOMENT, EPSILON = 0.9, 0.98, 1e-8


class RefinementConfig(BaseModel):
    """Passes over the rows (0: none), step size (falls linearly to 0), rows a step, L2 penalty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(default=5, ge=0)
    learning_rate: float = Field(default=0.03, gt=0)
    batch: int = Field(default=2048, ge=1)
    l2: float = Field(default=3e-4, ge=0)


def refine(
    factors: Factors, snapshots: Snapshots, config: RefinementConfig, *, seed: int
) -> Factors:
    """`factors` after `config.epochs` passes over `snapshots`; equal arguments, equal factors."""
    adam = _Adam(
        [
            factors.token_vectors.astype(np.float32),
            factors.product_vectors.astype(np.float32),
            factors.product_bias.astype(np.float32),
        ]
    )
    count = len(snapshots)
    starts = range(0, count, config.batch)
    steps = config.epochs * len(starts)
    random = np.random.default_rng(seed)
    for epoch in range(config.epochs):
        order = random.permutation(count)
        tokens, held = snapshots.tokens[order], snapshots.held[order]
        target = snapshots.target[order]
        for number, start in enumerate(starts, start=epoch * len(starts)):
            rows = slice(start, start + config.batch)
            slopes = _slopes(adam.parameters, tokens[rows], target[rows], held[rows], config.l2)
            adam.step(slopes, config.learning_rate * (1 - number / steps))
    return Factors(*(parameter.astype(np.float64) for parameter in adam.parameters))


def _slopes(
    parameters: list[Singles],
    tokens: csr_matrix,
    target: NDArray[np.int32],
    held: csr_matrix,
    l2: float,
) -> list[Singles]:
    """Gradients of the mean log loss of some rows, plus the penalty's."""
    token_vectors, product_vectors, bias = parameters
    count = len(target)
    rows: Singles = tokens @ token_vectors
    errors = rows @ product_vectors.T
    errors += bias
    errors -= errors.max(axis=1, keepdims=True)
    np.exp(errors, out=errors)
    errors[held.nonzero()] = 0.0
    errors /= np.maximum(errors.sum(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    errors[np.arange(count), target] -= 1.0
    errors /= count
    return [
        tokens.T @ (errors @ product_vectors) + l2 * token_vectors,
        errors.T @ rows + l2 * product_vectors,
        errors.sum(axis=0),
    ]


@dataclass
class _Adam:
    """Adam's two running moments for each parameter, in place."""

    parameters: list[Singles]

    def __post_init__(self) -> None:
        self.first = [np.zeros_like(parameter) for parameter in self.parameters]
        self.second = [np.zeros_like(parameter) for parameter in self.parameters]
        self.steps = 0

    def step(self, slopes: list[Singles], learning_rate: float) -> None:
        self.steps += 1
        for parameter, slope, first, second in zip(
            self.parameters, slopes, self.first, self.second, strict=True
        ):
            np.add(first, (1 - FIRST_MOMENT) * (slope - first), out=first)
            np.add(second, (1 - SECOND_MOMENT) * (slope * slope - second), out=second)
            mean = first / (1 - FIRST_MOMENT**self.steps)
            spread = np.sqrt(second / (1 - SECOND_MOMENT**self.steps))
            np.subtract(parameter, learning_rate * mean / (spread + EPSILON), out=parameter)
