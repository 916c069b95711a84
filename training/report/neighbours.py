"""What each token stands for: the products it raises and lowers most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    """One token with `rows` training rows: the products it raises and lowers, strongest first."""

    token: str
    rows: int
    raises: tuple[Lift, ...]
    lowers: tuple[Lift, ...]

    @property
    def feature(self) -> str:
        return self.token.partition(":")[0]


def neighbours(
    model: Model, rows: NDArray[np.integer], *, least_rows: int
) -> tuple[Neighbours, ...]:
    """The tokens worth reading, in the vocabulary's order; `rows` (tokens,) counts their rows.

    Left out: tokens with fewer than `least_rows` rows, whose vectors are mostly chance, the value
    `unknown`, and tokens that name one person or one page.
    """
    products = model.product_vectors - model.product_vectors.mean(axis=0)
    chosen = np.array(
        [k for k, token in enumerate(model.vocabulary) if rows[k] >= least_rows and _read(token)],
        dtype=np.intp,
    )
    lifts = model.calibration_scale * (model.token_vectors[chosen] @ products.T)
    order = np.argsort(-lifts, axis=1, kind="stable")
    return tuple(
        Neighbours(
            token=model.vocabulary[token],
            rows=int(rows[token]),
            raises=_named(model, token, lift, places),
            lowers=_named(model, token, lift, places[::-1]),
        )
        for token, lift, places in zip(chosen, lifts, order, strict=True)
    )


def _read(token: str) -> bool:
    return not token.startswith(NOT_READ_BY_PEOPLE) and not token.endswith(":unknown")


def _named(
    model: Model, token: np.intp, lift: NDArray[np.float64], places: NDArray[np.intp]
) -> tuple[Lift, ...]:
    """The first few products; not the one that the token says is held, which is no news."""
    own = model.columns.get(model.vocabulary[token].removeprefix("holds:"))
    named = [place for place in places.tolist() if place != own][:SHOWN]
    return tuple(Lift(model.products[place], float(lift[place])) for place in named)
