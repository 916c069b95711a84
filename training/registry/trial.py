"""Fair rows for the gate: the newest, which neither contender has seen, the same for both."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommender.errors import RaakError
from recommender.model import Model
from training.evaluation import over_not_held
from training.evaluation.metrics import Floats
from training.registry.store import Entry
from training.snapshots import Snapshots
from training.splits import by_time

Places = NDArray[np.intp]


class NotTried(RaakError):
    """There are too few rows on which to compare; the text says what to do."""


@dataclass(frozen=True, eq=False)
class Contender:
    """A version, and the rows that its own catalogue makes of the tables."""

    version: str
    entry: Entry
    rows: Snapshots

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
    """Propensities (n, P) of one model over its products, on the gate's rows."""

    snapshots: Snapshots
    propensities: Floats

    @classmethod
    def of(cls, model: Model, rows: Snapshots) -> Tried:
        return cls(rows, propensities_of(model, rows))


@dataclass(frozen=True, eq=False)
class TrialRows:
    """The window from `first_day`; row k of every `Tried` is the same taking."""

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
    ours, theirs = split.test, None
    if champion is not None:
        mine, other = shared(ours, champion.rows)
        ours, theirs = ours.take(mine), champion.rows.take(other)
    if len(ours) < least:
        untried = "" if latest.entry.tried_until() else " (trained with --no-report: never tried)"
        raise NotTried(
            f"{len(ours)} rows after {latest.seen_until}, the last day that {latest.version} "
            f"has seen{untried}; at least {least} are needed: bring newer tables"
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
    """(n, P) in the order of `rows.products`; tokens and products the rows lack are left out."""
    columns = {token: column for column, token in enumerate(rows.vocabulary)}
    known = [place for place, token in enumerate(model.vocabulary) if token in columns]
    vocabulary = tuple(model.vocabulary[place] for place in known)
    model = replace(model, vocabulary=vocabulary, token_vectors=model.token_vectors[known])
    logits = model.logits_of_rows(rows.tokens[:, [columns[token] for token in vocabulary]])
    ordered = np.full((len(rows), len(rows.products)), -np.inf)
    for column, product in enumerate(rows.products):
        if product in model.columns:
            ordered[:, column] = logits[:, model.columns[product]]
    ordered[rows.held.toarray().astype(np.bool_)] = -np.inf
    top = ordered.max(axis=1, keepdims=True)
    odds = np.exp(ordered - np.where(np.isfinite(top), top, 0.0))
    return over_not_held(odds, rows.held)


def shared(ours: Snapshots, theirs: Snapshots) -> tuple[Places, Places]:
    """Where in each the takings are that both have: the same account, moment and product."""
    there = {key: place for place, key in enumerate(_keys(theirs))}
    found = [(place, there[key]) for place, key in enumerate(_keys(ours)) if key in there]
    pairs = np.array(found, np.intp).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _keys(rows: Snapshots) -> list[tuple[str, int, str]]:
    accounts = rows.account_ids[rows.account].tolist()
    moments = rows.moment.astype(np.int64).tolist()
    products = [rows.products[column] for column in rows.target.tolist()]
    return list(zip(accounts, moments, products, strict=True))
