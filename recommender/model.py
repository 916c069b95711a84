"""The model at run time: token vectors, product vectors, and the calibration on top. Only numpy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Model:
    """A hybrid factorisation: an account's vector is the sum of its tokens' vectors.

    Shapes, for T tokens, P products and d dimensions (float32 on disk, float64 here):
    token_vectors (T, d), product_vectors (P, d), product_bias (P,), calibration_offset (P,).
    Tokens that training never saw have no vector and add nothing.
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

    def known_rows(self, tokens: Iterable[str]) -> list[int]:
        rows = self.rows
        return [rows[token] for token in tokens if token in rows]

    def logits(self, tokens: Iterable[str]) -> Floats:
        """Calibrated log-odds up to a constant, shape (P,)."""
        known = self.known_rows(tokens)
        vector = self.token_vectors.take(known, axis=0).sum(axis=0)
        logits: Floats = vector @ self._calibrated_vectors
        logits += self._calibrated_bias
        return logits

    def propensities(self, tokens: Iterable[str], held: Set[str]) -> list[float]:
        """P(this is what the account takes next), per product, in the order of `products`.

        A softmax over the products not `held`; those held have 0. Sums to 1, or to 0 when
        everything is held.
        """
        logits = self.logits(tokens)
        for product_id in held:
            column = self.columns.get(product_id)
            if column is not None:
                logits[column] = -np.inf
        top = logits.max()
        if top == -np.inf:
            return [0.0] * len(self.products)
        odds = np.exp(logits - top)
        odds /= odds.sum()
        return odds.tolist()

    def contributions(self, tokens: Sequence[str], product_id: str) -> list[tuple[str, float]]:
        """How much each known token moved the product's logit, largest first.

        Exact, since a logit is a sum; measured against the mean over all products, because what
        raises every product equally explains none of them.
        """
        known = [token for token in tokens if token in self.rows]
        column = self.columns[product_id]
        direction = self._calibrated_vectors[:, column] - self._mean_product
        moved = self.token_vectors.take(self.known_rows(known), axis=0) @ direction
        pairs = zip(known, moved.tolist(), strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    @cached_property
    def _mean_product(self) -> Floats:
        mean: Floats = self._calibrated_vectors.mean(axis=1)
        return mean
