"""What people accept when it is shown to them, learnt from what was shown and what was taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from recommender.effects import Effects, Floats, Rows


@dataclass(frozen=True, eq=False)
class Acceptance:
    """The log odds of accepting a product are its `bias` and the `effects` of the account's tokens.

    `effects` (T, P) in the order of the model's vocabulary and products, `bias` (P,); float32 on
    disk, float64 here.
    """

    effects: Floats
    bias: Floats

    @cached_property
    def _effects(self) -> Effects:
        return Effects(self.effects, self.bias)

    def log_odds(self, accounts: Sequence[Rows]) -> Iterable[list[float]]:
        """Those of every product, for each account with the tokens of these rows."""
        return self._effects.sums(accounts)

    @cached_property
    def against_mean(self) -> Floats:
        """(T, P): each effect against the token's mean over all products."""
        centred: Floats = self.effects - self.effects.mean(axis=1, keepdims=True)
        return centred
