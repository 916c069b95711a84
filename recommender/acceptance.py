"""What people accept when it is shown to them, learnt from what was shown and what was taken."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Acceptance:
    """The log odds of accepting a product are its `bias` and the `effects` of the account's tokens.

    `effects` (T, P) in the order of the model's vocabulary and products, `bias` (P,); float32 on
    disk, float64 here.
    """

    effects: Floats
    bias: Floats

    @cached_property
    def _table(self) -> Floats:
        """(T + 1, P): the last row is the bias, which everyone has."""
        return np.vstack([self.effects, self.bias])

    def log_odds(self, rows: Sequence[int]) -> Floats:
        """(P,) for an account with the tokens of these rows of the vocabulary."""
        found: Floats = np.add.reduce(self._table.take([*rows, len(self.effects)], axis=0), axis=0)
        return found

    def chances(self, rows: Sequence[int], held: Iterable[int]) -> list[float]:
        """The chance that each product is accepted when it is shown; 0 for the columns `held`.

        Unlike the chances of what is taken next they do not sum to 1: each is an answer to a
        question of its own.
        """
        tanh = math.tanh  # the logistic function as one that cannot overflow
        chances = [0.5 + 0.5 * tanh(0.5 * odds) for odds in self.log_odds(rows).tolist()]
        for column in held:
            chances[column] = 0.0
        return chances

    @cached_property
    def against_mean(self) -> Floats:
        """(T, P): each effect against the token's mean over all products."""
        centred: Floats = self.effects - self.effects.mean(axis=1, keepdims=True)
        return centred
