"""Corrections to LightFM's scores: what single tokens do to single products, and kin to kin.

WARP places what was taken above the rest and stops caring by how much, and its factors say a
little about every pair of token and product, much of which is chance. So they are believed in
part (`trust`), and a table of tokens by products is added to them: most of it 0, the rest what the
likelihood insists on. That is the wide part beside the deep one (Cheng et al. 2016,
https://arxiv.org/abs/1606.07792). It is learnt by FTRL-Proximal with an L1 penalty (McMahan et al.
2013, "Ad Click Prediction", algorithm 1) and averaged over the second half of its steps (Polyak and
Juditsky 1992). The loss is that of the softmax over the products not held: what serving computes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from scipy.sparse import csr_matrix

from recommender.catalogue import Catalogue
from training.evaluation.metrics import not_held
from training.kinship import Singles, implied_levels, kinships
from training.lightfm_fit import Factors
from training.snapshots import Snapshots

Flags = NDArray[np.bool_]

LARGEST_TABLE = 400_000
"""Tokens times products beyond which the table costs more than it is worth; see `correct`."""

STEADY = 1.0
"""FTRL's beta: how much slope a coordinate sees before its rate falls."""


class CorrectionsConfig(BaseModel):
    """How much of LightFM's scores is kept, and how corrections to them are learnt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(default=8, ge=0)
    """Passes over the rows; 0: no corrections, and LightFM's scores as they are."""
    trust: float = Field(default=0.4, ge=0)
    """The share of LightFM's scores that is kept."""
    doubt: float = Field(default=0.5, ge=0)
    """How many standard deviations of chance the rows must pull at a correction to move it."""
    l1: float = Field(default=1.5, ge=0)
    """What they must pull besides, in log-likelihood summed over the rows: for rare tokens."""
    learning_rate: float = Field(default=0.6, gt=0)
    batch: int = Field(default=512, ge=1)


def correct(
    factors: Factors,
    snapshots: Snapshots,
    catalogue: Catalogue,
    config: CorrectionsConfig,
    *,
    seed: int,
) -> Factors:
    """`factors` with a dimension more for each product, which holds that product's corrections.

    Beyond LARGEST_TABLE, as with a token for each account, the factors stay as they are. Equal
    arguments give equal factors.
    """
    shape = (len(snapshots.vocabulary), len(snapshots.products))
    if not config.epochs or shape[0] * shape[1] > LARGEST_TABLE:
        return factors
    table, bias = _learn(factors, snapshots, catalogue, config, seed)
    return Factors(
        token_vectors=np.hstack([config.trust * factors.token_vectors, table]),
        product_vectors=np.hstack([factors.product_vectors, np.eye(shape[1])]),
        product_bias=bias,
    )


def _learn(
    factors: Factors,
    snapshots: Snapshots,
    catalogue: Catalogue,
    config: CorrectionsConfig,
    seed: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The corrections (T, P) and the products' biases (P,), averaged over the last half."""
    kept = config.trust * factors.token_vectors @ factors.product_vectors.T
    state = _Ftrl(
        kept=kept.astype(np.float32),
        bias=(config.trust * factors.product_bias).astype(np.float32),
        kin=kinships(snapshots.vocabulary, snapshots.products, catalogue),
        implied=implied_levels(snapshots.vocabulary, catalogue),
        config=config,
    )
    count = len(snapshots)
    starts = range(0, count, config.batch)
    steps = config.epochs * len(starts)
    table, bias = np.zeros(kept.shape), np.zeros(kept.shape[1])
    random = np.random.default_rng(seed)
    all_free = not_held(snapshots.held)
    for epoch in range(config.epochs):
        order = random.permutation(count)
        tokens, free, target = snapshots.tokens[order], all_free[order], snapshots.target[order]
        for step, start in enumerate(starts, start=epoch * len(starts) + 1):
            rows = slice(start, start + config.batch)
            state.step(tokens[rows], target[rows], free[rows], passes=step / len(starts))
            if step > steps // 2:
                table += state.table
                bias += state.bias
    averaged = steps - steps // 2
    return table / averaged, bias / averaged


@dataclass
class _Ftrl:
    """The corrections as they are learnt; `kept` (T, P) is what they are added to."""

    kept: Singles
    bias: Singles
    kin: Singles
    """(kinships, T * P)"""
    implied: csr_matrix
    """(T, T): corrections are learnt for the tokens that a token implies, and add up."""
    config: CorrectionsConfig

    def __post_init__(self) -> None:
        self._implied_by = self.implied.T.tocsr()
        self._own = np.zeros_like(self.kept)
        self._pull = np.zeros_like(self.kept)
        self._seen = np.zeros_like(self.kept)
        self._bias_seen = np.zeros_like(self.bias)
        self._shared = np.zeros(len(self.kin), np.float32)
        self._shared_seen = np.zeros_like(self._shared)

    @property
    def table(self) -> Singles:
        """(T, P): each pair's own correction and what is shared with its kin."""
        shared = (self._shared @ self.kin).reshape(self.kept.shape)
        table: Singles = self.implied @ (self._own + shared)
        return table

    def step(
        self, tokens: csr_matrix, target: NDArray[np.int32], free: Flags, *, passes: float
    ) -> None:
        """Learn from some rows; `passes` over all rows are done with them, for the penalty."""
        errors = _errors(tokens @ (self.kept + self.table) + self.bias, target, free)
        slope = np.asarray(self._implied_by @ (tokens.T @ errors))
        self._learn_own(slope, passes)
        rate = self.config.learning_rate
        self.bias -= _step(errors.sum(axis=0), self._bias_seen, rate)
        self._shared -= _step(self.kin @ slope.ravel(), self._shared_seen, rate)

    def _learn_own(self, slope: Singles, passes: float) -> None:
        """FTRL's step, with a penalty that grows with the passes, as the pull does.

        The sum of a pass' squared slopes estimates the variance of their sum: what chance alone
        would pull. So the penalty fits much data and little, noisy and clear. Source: the penalty
        loadings of Belloni, Chen, Chernozhukov and Hansen, 2012.
        """
        rate = self.config.learning_rate
        before = np.sqrt(self._seen)
        self._seen += slope * slope
        spread = np.sqrt(self._seen)
        self._pull += slope - (spread - before) / rate * self._own
        chance = self.config.doubt * np.sqrt(passes) * spread
        beyond = np.maximum(np.abs(self._pull) - chance - self.config.l1 * passes, 0.0)
        np.multiply(np.copysign(beyond, -self._pull), rate / (STEADY + spread), out=self._own)


def _step(slope: Singles, seen: Singles, learning_rate: float) -> Singles:
    """AdaGrad's step for `slope`; `seen` is the running sum of squared slopes."""
    seen += slope * slope
    step = learning_rate * slope / (STEADY + np.sqrt(seen))
    return step.astype(np.float32)


def _errors(logits: Singles, target: NDArray[np.int32], free: Flags) -> Singles:
    """Propensities minus what was taken, (n, P): the slope of the log loss in the logits."""
    logits -= logits.max(axis=1, keepdims=True)
    chances: Singles = np.exp(logits, out=logits)
    chances *= free
    chances /= np.maximum(chances.sum(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    chances[np.arange(len(target)), target] -= 1.0
    return chances
