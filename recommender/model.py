"""The model at run time: token vectors, product vectors, and the calibration on top. Only numpy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
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

    def propensities(self, tokens: Iterable[str], held: AbstractSet[str]) -> list[float]:
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

    def contributions(self, tokens: Sequence[str], product_ids: Sequence[str]) -> Floats:
        """How much each known token moved each product's logit, shape (tokens, products).

        Exact, since a logit is a sum; measured against the mean over all products, because what
        raises every product equally explains none of them. Every token and product must be known.
        """
        columns = [self.columns[product_id] for product_id in product_ids]
        vectors = self.token_vectors.take([self.rows[token] for token in tokens], axis=0)
        moved: Floats = vectors @ self._against_mean.take(columns, axis=1)
        return moved

    def strongest(
        self, tokens: Sequence[str], product_ids: Sequence[str], most: int
    ) -> dict[str, tuple[str, ...]]:
        """For each known product, the tokens that raised it, strongest first, `most` at most."""
        known = [product_id for product_id in product_ids if product_id in self.columns]
        if not tokens or not known:
            return {}
        moved = self.contributions(tokens, known)
        order = np.argsort(-moved, axis=0, kind="stable")[:most]
        return {
            product_id: tuple(tokens[row] for row in order[:, n].tolist() if moved[row, n] > 0)
            for n, product_id in enumerate(known)
        }

    @cached_property
    def _against_mean(self) -> Floats:
        vectors = self._calibrated_vectors
        return np.ascontiguousarray(vectors - vectors.mean(axis=1, keepdims=True))
