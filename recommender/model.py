"""The model at run time: token vectors, product vectors, and the calibration on top. Only numpy."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from recommender.acceptance import Acceptance
from recommender.effects import Effects, Floats, Rows

LARGEST_TABLE = 2_000_000
"""Entries (16 MB) up to which every token's effect on every product is worked out beforehand."""


class _Rows(Protocol):
    """A matrix of numpy's or of scipy's, which the core does not know."""

    def __matmul__(self, other: Any, /) -> Any: ...


def softmax(scores: Sequence[float]) -> list[float]:
    """Shares of 1; nothing has a share where all scores are minus infinity."""
    top = max(scores)
    if top == -math.inf:
        return [0.0] * len(scores)
    exp = math.exp
    odds = [exp(score - top) for score in scores]
    share = 1 / sum(odds)
    return [chance * share for chance in odds]


def logistic(scores: Sequence[float]) -> list[float]:
    """The chance of each, of scores in log odds; unlike shares they do not sum to 1."""
    tanh = math.tanh  # the logistic function as one that cannot overflow
    return [0.5 + 0.5 * tanh(0.5 * odds) for odds in scores]


@dataclass(frozen=True, eq=False)
class Model:
    """A hybrid factorisation: an account's vector is the sum of its tokens' vectors.

    Shapes, for T tokens, P products and d dimensions (float32 on disk, float64 here):
    token_vectors (T, d), product_vectors (P, d), product_bias (P,), calibration_offset (P,).
    Tokens that training never saw have no vector and add nothing.

    With `acceptance`, learnt from responses, products are ranked by the chance that they are
    accepted when shown; without, by the chance that they are what is taken next.
    """

    version: str
    features_digest: str
    vocabulary: tuple[str, ...]
    products: tuple[str, ...]
    token_vectors: Floats
    product_vectors: Floats
    product_bias: Floats
    calibration_scale: float
    calibration_offset: Floats
    acceptance: Acceptance | None = None

    @cached_property
    def rows(self) -> dict[str, int]:
        return {token: row for row, token in enumerate(self.vocabulary)}

    @cached_property
    def columns(self) -> dict[str, int]:
        return {product: column for column, product in enumerate(self.products)}

    @cached_property
    def _calibrated_vectors(self) -> Floats:
        """(d, P): the scale is folded in once, so that a request pays one product."""
        return np.ascontiguousarray(self.product_vectors.T * self.calibration_scale)

    @cached_property
    def _calibrated_bias(self) -> Floats:
        return self.product_bias * self.calibration_scale + self.calibration_offset

    @cached_property
    def _effects(self) -> Effects | None:
        """What each token adds to each product's logit, where there is room for all of that."""
        if len(self.vocabulary) * len(self.products) > LARGEST_TABLE:
            return None
        return Effects(self.token_vectors @ self._calibrated_vectors, self._calibrated_bias)

    def known_rows(self, tokens: Iterable[str]) -> list[int]:
        """Where in the vocabulary the tokens stand, in their order; unknown ones are left out."""
        get = self.rows.get
        return [row for token in tokens if (row := get(token)) is not None]

    def logits(self, tokens: Iterable[str]) -> Floats:
        """Calibrated log-odds up to a constant, shape (P,)."""
        (logits,) = self._logits([self.known_rows(tokens)])
        return np.array(logits)

    def _logits(self, accounts: Sequence[Rows]) -> Iterable[list[float]]:
        if self._effects is not None:
            return self._effects.sums(accounts)
        return map(self._logits_from_vectors, accounts)  # one by one: a product of matrices differs

    def _logits_from_vectors(self, known: Rows) -> list[float]:
        vector = np.add.reduce(self.token_vectors.take(known, axis=0), axis=0)
        logits: list[float] = (vector @ self._calibrated_vectors + self._calibrated_bias).tolist()
        return logits

    def logits_of_rows(self, rows: _Rows) -> Floats:
        """Calibrated log-odds of many accounts, shape (n, P): training's view of the same sum.

        `rows` is a matrix (n, T), dense or sparse, with a 1 for each token a row has.
        """
        logits: Floats = (rows @ self.token_vectors) @ self._calibrated_vectors
        logits += self._calibrated_bias
        return logits

    def propensities(self, tokens: Iterable[str], held: AbstractSet[str]) -> list[float]:
        """`chances` of an account with these tokens."""
        return self.chances([self.known_rows(tokens)], [held])[0]

    def chances(
        self, accounts: Sequence[Rows], held: Iterable[AbstractSet[str]]
    ) -> list[list[float]]:
        """For each account, with its `known_rows`, the chances of all products.

        P(this is accepted when shown), or else P(this is what the account takes next), in the order
        of `products`; those `held` have 0. What is taken next is a softmax over the others: it sums
        to 1, or to 0 when everything is held. Plain floats: for some dozens of products that is
        faster than numpy, and exact in the same way on every machine.
        """
        learnt = self.acceptance
        scores = self._logits(accounts) if learnt is None else learnt.log_odds(accounts)
        chances_of = softmax if learnt is None else logistic
        get = self.columns.get
        chances: list[list[float]] = []
        for own, products in zip(scores, held, strict=True):
            for product_id in products:
                if (column := get(product_id)) is not None:
                    own[column] = -math.inf
            chances.append(chances_of(own))
        return chances

    def contributions(self, tokens: Sequence[str], product_ids: Sequence[str]) -> Floats:
        """How much each known token moved each product's rank, in log-odds: (tokens, products).

        Exact, since a logit is a sum; measured against the mean over all products, because what
        raises every product equally explains none of them. Every token and product must be known.
        """
        columns = [self.columns[product_id] for product_id in product_ids]
        rows = [self.rows[token] for token in tokens]
        moved: Floats
        if self.acceptance is not None:
            moved = self.acceptance.against_mean.take(rows, axis=0).take(columns, axis=1)
            return moved
        vectors = self.token_vectors.take(rows, axis=0)
        moved = vectors @ self._against_mean.take(columns, axis=1)
        return moved

    @cached_property
    def _against_mean(self) -> Floats:
        vectors = self._calibrated_vectors
        return np.ascontiguousarray(vectors - vectors.mean(axis=1, keepdims=True))
