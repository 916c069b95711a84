"""What a model says of offers that were shown, beside what people answered.

Once a model has learnt from responses this is what it ranks by, and takings of people's own accord
say nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax
from scipy.stats import norm, rankdata

from recommender.model import Model
from training.evaluation import Estimate
from training.evaluation.metrics import FLOOR, Floats, Ints
from training.registry.reading import reading
from training.responses import Responses

Flags = NDArray[np.bool_]

AT_ONCE = 100_000
"""Offers at a time: each has a number for every product, whatever was shown of them."""
LEAST = float(np.log(FLOOR))
"""The log odds of what a model holds to be impossible."""


@dataclass(frozen=True, eq=False)
class Figure:
    """A figure over n offers, and how far each pulls at it: `pulls` (n,) sum to 0."""

    value: float
    pulls: Floats

    def less(self, other: Figure) -> Figure:
        """How much higher this one is, offer by offer."""
        return Figure(self.value - other.value, self.pulls - other.pulls)

    def estimate(self, account: Ints) -> Estimate:
        """With an interval of 95 % from accounts and not offers: one person's answers are alike.

        One account alone says nothing of how far others are from it:

        >>> Figure(0.5, np.array([0.2, -0.2])).estimate(np.array([7, 7], np.int32))
        Estimate(value=0.5, low=-inf, high=inf)
        """
        _, place = np.unique(account, return_inverse=True)
        of_account = np.bincount(place, weights=self.pulls)
        count = len(of_account)
        reach = np.inf
        if count > 1:
            variance = of_account @ of_account * count / (count - 1)
            reach = float(norm.ppf(0.975) * np.sqrt(variance))
        return Estimate(self.value, self.value - reach, self.value + reach)


@dataclass(frozen=True, eq=False)
class Answers:
    """n offers: the log odds that a model gave to what was shown, and whether it was taken."""

    log_odds: Floats
    """(n,); without `promises` only their order means anything."""
    taken: Flags
    account: Ints
    promises: bool
    """Whether the model has learnt how likely an offer is to be taken."""

    def __len__(self) -> int:
        return len(self.taken)

    @classmethod
    def of(cls, model: Model, offers: Responses, products: Sequence[str]) -> Self:
        """By what serving ranks by; `offers` show places among `products`."""
        parts = [
            _log_odds(
                model, offers.take(np.arange(first, min(first + AT_ONCE, len(offers)))), products
            )
            for first in range(0, len(offers), AT_ONCE)
        ]
        return cls(
            log_odds=np.concatenate([np.zeros(0), *parts]),
            taken=offers.taken,
            account=offers.account,
            promises=model.acceptance is not None,
        )

    def log_loss(self) -> Figure:
        """Minus the mean natural logarithm of the chance given to each answer.

        >>> even = Answers(np.zeros(2), np.array([True, False]), np.arange(2, dtype=np.int32), True)
        >>> round(even.log_loss().value, 3)
        0.693
        """
        losses = np.logaddexp(0, np.where(self.taken, -self.log_odds, self.log_odds))
        mean = float(losses.mean())
        return Figure(mean, (losses - mean) / len(losses))

    def order(self) -> Figure:
        """The chance that an offer that was taken stands above one that was not (AUC); a tie is .5.

        An offer pulls by its placement among those answered otherwise. Source: DeLong, DeLong and
        Clarke-Pearson, 1988; over accounts with several offers each Obuchowski, 1997.

        >>> said = np.array([2.0, 1.0, 1.0, 0.0])
        >>> taken = np.array([True, True, False, False])
        >>> Answers(said, taken, np.arange(4, dtype=np.int32), False).order().value
        0.875
        """
        taken, ranks = self.taken, rankdata(self.log_odds)
        above = np.empty(len(taken))
        for answer in (taken, ~taken):
            among = rankdata(self.log_odds[answer])
            above[answer] = (ranks[answer] - among) / (~answer).sum()
        above[~taken] = 1 - above[~taken]
        value = float(above[taken].mean())
        return Figure(value, (above - value) / np.where(taken, taken.sum(), (~taken).sum()))


def _log_odds(model: Model, offers: Responses, products: Sequence[str]) -> Floats:
    """(n,): of accepting what was shown; or the log of its chance to be what is taken next."""
    model, columns = reading(model, offers.vocabulary)
    tokens = offers.tokens[:, columns]
    column = np.array([model.columns.get(product, -1) for product in products])
    shown, row = column[offers.product], np.arange(len(offers))
    if model.acceptance is not None:
        odds = tokens @ model.acceptance.effects + model.acceptance.bias
    else:
        free = np.ones((len(offers), len(model.products)), dtype=np.bool_)
        free[:, column[column >= 0]] = ~offers.held.toarray().astype(np.bool_)[:, column >= 0]
        free[row, shown] = True  # it was on offer, whatever was held
        odds = log_softmax(np.where(free, model.logits_of_rows(tokens), -np.inf), axis=1)
    found: Floats = np.where(shown >= 0, np.maximum(odds[row, shown], LEAST), LEAST)
    return found
