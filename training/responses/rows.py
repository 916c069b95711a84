"""Responses: accounts as they stood when they were shown a product, and whether they took it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from scipy.sparse import csr_matrix

from recommender.catalogue import Catalogue
from recommender.tables import (
    ACCOUNT_ID,
    AT,
    DECISION_ID,
    KIND,
    OPENED_ON,
    PRODUCT_ID,
    EventKind,
)
from training.snapshots import snapshots_at
from training.snapshots.consents import personalised
from training.snapshots.moments import positions
from training.tables import Tables

OFFER = [DECISION_ID, ACCOUNT_ID, PRODUCT_ID]
"""What makes two events be about the same offer."""


class ResponsesConfig(BaseModel):
    """Which offers count, and how long people have to answer them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    until: date | None = None
    """The first day of which nothing is known; None: all events are."""
    answer_days: int = Field(default=7, ge=0)
    """An offer not taken within so many days was not accepted. A younger one, taken or not, is no
    response yet: counting only those already taken would make every product look better."""


@dataclass(frozen=True, eq=False)
class Responses:
    """n offers that were shown and settled, in the order in which they were shown."""

    tokens: csr_matrix
    """(n, tokens) float32, 1 where the account had the token; columns follow `vocabulary`."""
    vocabulary: tuple[str, ...]
    product: NDArray[np.int64]
    """(n,) what was shown, as a place among the catalogue's products."""
    taken: NDArray[np.bool_]
    account: NDArray[np.int32]
    """(n,) to whom it was shown, as a row of `accounts`."""
    held: csr_matrix
    """(n, products) bool: what the account held and could not take again."""
    moment: NDArray[np.datetime64]

    def __len__(self) -> int:
        return len(self.product)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Responses:
        """Those flagged, or at these places in this order, under the same vocabulary."""
        return replace(
            self,
            tokens=self.tokens[rows],
            product=self.product[rows],
            taken=self.taken[rows],
            account=self.account[rows],
            held=self.held[rows],
            moment=self.moment[rows],
        )


def build_responses(
    tables: Tables, catalogue: Catalogue, config: ResponsesConfig | None = None
) -> Responses:
    """The settled offers of decisions, by people who agreed to personalisation.

    An offer is an impression that names its decision; it was taken if a `taken` event names the
    same decision and product. What nobody decided to show (old campaigns) is no offer, and what
    people took of their own accord is what snapshots tell of.
    """
    offers = _settled(tables, config or ResponsesConfig())
    shown = offers[AT].to_numpy()
    before = replace(tables, holdings=_from_the_day_after(tables.holdings))
    stood = snapshots_at(before, catalogue, positions(offers[ACCOUNT_ID]), shown)
    return Responses(
        tokens=stood.tokens,
        vocabulary=stood.vocabulary,
        product=positions(offers[PRODUCT_ID]),
        taken=offers["taken"].to_numpy(dtype=np.bool_),
        account=stood.account,
        held=stood.held,
        moment=stood.moment,
    )


def _from_the_day_after(holdings: pd.DataFrame) -> pd.DataFrame:
    """Holdings as if opened a day later: they are dated by day, and what is opened on the day of
    an offer is as a rule the answer to it.
    """
    return holdings.assign(**{OPENED_ON: holdings[OPENED_ON] + pd.Timedelta(days=1)})


def _settled(tables: Tables, config: ResponsesConfig) -> pd.DataFrame:
    """(decision, account, product, at, taken) of each offer once, by the instant it was shown."""
    events = _of_decisions(tables)
    end = _end(tables.events, config)
    events = events[events[AT] < end]
    answer = np.timedelta64(config.answer_days, "D")
    offers = _first(events, EventKind.IMPRESSION)
    offers = offers[offers[AT] + answer <= end]
    taken = _first(events, EventKind.TAKEN).rename(columns={AT: "taken_at"})
    both = offers.merge(taken, on=OFFER, how="left")
    late = both["taken_at"] - both[AT]
    both["taken"] = (late >= np.timedelta64(0)) & (late <= answer)
    return both.sort_values([AT, *OFFER], kind="stable", ignore_index=True)


def _of_decisions(tables: Tables) -> pd.DataFrame:
    events = tables.events
    named = (events[DECISION_ID].notna() & events[PRODUCT_ID].notna()).to_numpy()
    events = events[named]  # few of all events are about a decision
    return pd.DataFrame(events[personalised(tables)[positions(events[ACCOUNT_ID])]])


def _first(events: pd.DataFrame, kind: EventKind) -> pd.DataFrame:
    """Each offer's first event of a kind: one that is shown again is still the same offer."""
    rows = events.loc[events[KIND] == kind, [*OFFER, AT]]
    return pd.DataFrame(rows.sort_values(AT, kind="stable").drop_duplicates(OFFER))


def _end(events: pd.DataFrame, config: ResponsesConfig) -> np.datetime64:
    """The first instant of which nothing is known."""
    if config.until is not None:
        return np.datetime64(config.until, "us")
    if not len(events):
        return np.datetime64(0, "us")
    last: np.datetime64 = events[AT].to_numpy().max()
    return last + np.timedelta64(1, "us")
