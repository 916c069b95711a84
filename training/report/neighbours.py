"""What each token stands for: the products it raises and lowers most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.features import CROSS
from recommender.model import Model

SHOWN = 3
"""Products named on each side of a token."""

NOT_READ_BY_PEOPLE = ("account:", "views:")
"""Tokens that name one person or one page: thousands, and none of them explains the model."""


@dataclass(frozen=True)
class Lift:
    """How much a token moves one product's log-odds against the average product's."""

    product_id: str
    log_odds: float


@dataclass(frozen=True)
class Neighbours:
    """One token with `rows` training rows, and its lift of every product but one it says is held.

    `lifts` are in the order of the model's products.
    """

    token: str
    rows: int
    lifts: tuple[Lift, ...]

    @property
    def feature(self) -> str:
        return self.token.partition(":")[0]

    @property
    def is_life_context(self) -> bool:
        """Whether it tells who the person is: no holding, no browsing, no cross of features."""
        return self.feature not in {"holds", "interest"} and CROSS not in self.feature

    @property
    def raises(self) -> tuple[Lift, ...]:
        """The products raised most, strongest first."""
        return tuple(sorted(self.lifts, key=lambda lift: -lift.log_odds)[:SHOWN])

    @property
    def lowers(self) -> tuple[Lift, ...]:
        """The products lowered most, strongest first."""
        return tuple(sorted(self.lifts, key=lambda lift: lift.log_odds)[:SHOWN])


def neighbours(
    model: Model, rows: NDArray[np.integer], *, least_rows: int
) -> tuple[Neighbours, ...]:
    """The tokens worth reading, in the vocabulary's order; `rows` (tokens,) counts their rows.

    Left out: tokens with fewer than `least_rows` rows, whose vectors are mostly chance, the value
    `unknown`, and tokens that name one person or one page.
    """
    products = model.product_vectors - model.product_vectors.mean(axis=0)
    chosen = [
        k for k, token in enumerate(model.vocabulary) if rows[k] >= least_rows and _read(token)
    ]
    lifts = model.calibration_scale * (model.token_vectors[chosen] @ products.T)
    return tuple(
        Neighbours(model.vocabulary[k], int(rows[k]), _named(model, model.vocabulary[k], moved))
        for k, moved in zip(chosen, lifts.tolist(), strict=True)
    )


def _read(token: str) -> bool:
    return not token.startswith(NOT_READ_BY_PEOPLE) and not token.endswith(":unknown")


def _named(model: Model, token: str, moved: list[float]) -> tuple[Lift, ...]:
    """All products with their lifts; that the one held is lowered would be no news."""
    return tuple(
        Lift(product, log_odds)
        for product, log_odds in zip(model.products, moved, strict=True)
        if token != f"holds:{product}"
    )
