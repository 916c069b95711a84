"""Fair rows for the gate: the newest, which neither contender has seen, the same for both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.errors import RaakError
from recommender.model import Model
from training.evaluation import over_not_held
from training.evaluation.metrics import Floats
from training.registry.answers import Answers
from training.registry.reading import reading
from training.registry.store import Entry
from training.responses import Responses
from training.snapshots import Snapshots
from training.splits import by_time

Places = NDArray[np.intp]
Key = tuple[str, int, str]


class NotTried(RaakError):
    """There are too few rows on which to compare; the text says what to do."""


@dataclass(frozen=True, eq=False)
class Given:
    """Takings, and the settled offers of the same accounts and products."""

    takings: Snapshots
    offers: Responses

    def shared(self, other: Given) -> tuple[Given, Given]:
        """Of each what both have: the same account, moment and product."""
        ours, theirs = _pairs(self._taken(), other._taken())
        mine, others = _pairs(self._shown(), other._shown())
        return (
            Given(self.takings.take(ours), self.offers.take(mine)),
            Given(other.takings.take(theirs), other.offers.take(others)),
        )

    def _taken(self) -> list[Key]:
        return self._keys(self.takings.account, self.takings.moment, self.takings.target)

    def _shown(self) -> list[Key]:
        return self._keys(self.offers.account, self.offers.moment, self.offers.product)

    def _keys(
        self,
        account: NDArray[np.integer],
        moment: NDArray[np.datetime64],
        product: NDArray[np.integer],
    ) -> list[Key]:
        accounts = self.takings.account_ids[account].tolist()
        products = [self.takings.products[column] for column in product.tolist()]
        return list(zip(accounts, moment.astype(np.int64).tolist(), products, strict=True))


@dataclass(frozen=True, eq=False)
class Contender:
    """A version, and the rows that its own catalogue makes of the tables."""

    version: str
    entry: Entry
    rows: Snapshots
    offers: Responses
    """Of the same accounts and products as `rows`."""

    @property
    def seen_until(self) -> np.datetime64:
        """The last day that its tried model, or else its only one, has seen."""
        return np.datetime64(self.entry.tried_until() or self.entry.manifest.data_window["until"])

    def unseeing(self, first_day: np.datetime64) -> Model:
        """The newest of its models that has seen no row from `first_day` on."""
        serving_until = np.datetime64(self.entry.manifest.data_window["until"])
        tried = None if serving_until < first_day else self.entry.tried()
        return tried or self.entry.serving()


@dataclass(frozen=True, eq=False)
class Tried:
    """What one model says on the gate's rows: propensities (n, P) over its products to be what is
    taken next, and of the offers shown meanwhile whether they are taken.
    """

    snapshots: Snapshots
    propensities: Floats
    answers: Answers

    @classmethod
    def of(cls, model: Model, given: Given) -> Tried:
        rows = given.takings
        answers = Answers.of(model, given.offers, rows.products)
        return cls(rows, propensities_of(model, rows), answers)


@dataclass(frozen=True, eq=False)
class TrialRows:
    """The window from `first_day`.

    Row k of every `Tried` is the same taking, and answer k the answer to the same offer.
    """

    first_day: np.datetime64
    before: Snapshots
    """The challenger's rows before the window, for the baseline to learn from."""
    challenger: Tried
    as_it_will_serve: Tried
    champion: Tried | None
    serving_is_unseeing: bool
    """Whether the model that will serve has not seen the rows either."""


def trial_rows(challenger: Contender, champion: Contender | None, *, least: int) -> TrialRows:
    """The rows after the last day that either contender has seen, and what each says about them.

    Raises:
        NotTried: there are fewer than `least`, or none before them.
    """
    latest = challenger
    if champion is not None and champion.seen_until > challenger.seen_until:
        latest = champion
    first_day = latest.seen_until + np.timedelta64(1, "D")
    split = by_time(challenger.rows, first_day)
    shown = challenger.offers.moment >= first_day
    ours, theirs = Given(split.test, challenger.offers.take(shown)), None
    if champion is not None:
        ours, theirs = ours.shared(Given(champion.rows, champion.offers))
    if len(ours.takings) < least:
        untried = "" if latest.entry.tried_until() else " (trained with --no-report: never tried)"
        raise NotTried(
            f"{len(ours.takings)} rows after {latest.seen_until}, the last day that "
            f"{latest.version} has seen{untried}; at least {least} are needed: bring newer tables"
        )
    if not len(split.train):
        raise NotTried(f"the tables have no rows before {first_day}; bring a longer history")
    serving = challenger.entry.manifest.data_window["until"]
    return TrialRows(
        first_day=first_day,
        before=split.train,
        challenger=Tried.of(challenger.unseeing(first_day), ours),
        as_it_will_serve=Tried.of(challenger.entry.serving(), ours),
        champion=None
        if champion is None or theirs is None
        else Tried.of(champion.unseeing(first_day), theirs),
        serving_is_unseeing=bool(np.datetime64(serving) < first_day),
    )


def propensities_of(model: Model, rows: Snapshots) -> Floats:
    """(n, P) to be what is taken next, whatever responses taught; in the order of `rows.products`.

    Tokens and products the rows lack are left out.
    """
    model, columns = reading(model, rows.vocabulary)
    logits = model.logits_of_rows(rows.tokens[:, columns])
    ordered = np.full((len(rows), len(rows.products)), -np.inf)
    for column, product in enumerate(rows.products):
        if product in model.columns:
            ordered[:, column] = logits[:, model.columns[product]]
    ordered[rows.held.toarray().astype(np.bool_)] = -np.inf
    top = ordered.max(axis=1, keepdims=True)
    odds = np.exp(ordered - np.where(np.isfinite(top), top, 0.0))
    return over_not_held(odds, rows.held)


def _pairs(ours: list[Key], theirs: list[Key]) -> tuple[Places, Places]:
    """Where in each the keys are that both have."""
    there = {key: place for place, key in enumerate(theirs)}
    found = [(place, there[key]) for place, key in enumerate(ours) if key in there]
    pairs = np.array(found, np.intp).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]
