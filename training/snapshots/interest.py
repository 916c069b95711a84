"""Decayed interest at each moment, exactly, in one pass over the events.

An event decays on from any moment on its way as it does from its own instant. So each event is
added, decayed, to its account's next moment only; then sums flow from moment to moment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recommender.catalogue import Catalogue
from recommender.tables import AT, DOMAIN, KIND, PRODUCT_ID
from training.snapshots.moments import NONE, Moments, Positions, positions
from training.tables import Tables

MICROSECONDS_PER_DAY = 86_400_000_000

DECIMALS = 9
"""Levels are rounded to so many, lest the order of a sum's terms put it on the other side of an
edge: one page view, exactly a half-life ago, is exactly 0.5 whatever lay between."""

AT_ONCE = 1_000_000
"""Events at a time: what is worked out on the way takes more memory than they do."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Interests:
    """Levels at k moments: `domain` (k, domains) and `product` (k, products), in catalogue order.

    0 where nothing was ever looked at.
    """

    domain: Floats
    product: Floats


def interests_at(tables: Tables, catalogue: Catalogue, moments: Moments) -> Interests:
    """The decayed interest of every moment's account, from events strictly before it."""
    sums = Interests(
        np.zeros((len(moments), len(catalogue.domains))),
        np.zeros((len(moments), len(catalogue.products))),
    )
    for first in range(0, len(tables.events), AT_ONCE):
        _add(tables.events[first : first + AT_ONCE], catalogue, moments, sums)
    return Interests(*(_flow(sum_, moments, catalogue) for sum_ in (sums.domain, sums.product)))


def _add(events: pd.DataFrame, catalogue: Catalogue, moments: Moments, sums: Interests) -> None:
    """Add each event, decayed, to its account's next moment."""
    weights = np.array(
        [catalogue.interest.weights.get(k, 0.0) for k in events[KIND].cat.categories]
    )
    weight = np.append(weights, 0.0)[positions(events[KIND])]
    counted = np.flatnonzero(weight)
    at = events[AT].to_numpy()[counted]
    moment = moments.first_after(positions(events["account_id"])[counted], at)
    seen = moment != NONE
    counted, at, moment = counted[seen], at[seen], moment[seen]
    half_lives = days_between(at, moments.instant[moment]) / catalogue.interest.half_life_days
    amount = weight[counted] * np.exp2(-half_lives)
    product = positions(events[PRODUCT_ID])[counted]
    domain = _domains(catalogue, positions(events[DOMAIN])[counted], product)
    for levels, key in ((sums.domain, domain), (sums.product, product)):
        named = key != NONE
        np.add.at(levels, (moment[named], key[named]), amount[named])


def days_between(earlier: NDArray[np.datetime64], later: NDArray[np.datetime64]) -> Floats:
    """Elapsed days with their fraction."""
    elapsed = later.astype("datetime64[us]") - earlier.astype("datetime64[us]")
    days: Floats = elapsed.astype(np.int64) / MICROSECONDS_PER_DAY
    return days


def _domains(catalogue: Catalogue, domain: Positions, product: Positions) -> Positions:
    """An event's own domain, or else its product's."""
    rows = {name: row for row, name in enumerate(catalogue.domains)}
    of_product = np.array([*(rows[p.domain] for p in catalogue.products.values()), NONE])
    return np.where(domain == NONE, of_product[product], domain)


def _flow(levels: Floats, moments: Moments, catalogue: Catalogue) -> Floats:
    """Carry each moment's level on to the account's next one, decayed by the time between."""
    apart = days_between(moments.instant[:-1], moments.instant[1:])
    kept = np.append(0.0, np.exp2(-np.maximum(apart, 0.0) / catalogue.interest.half_life_days))
    for ordinal in range(1, int(moments.ordinal.max(initial=0)) + 1):
        rows = np.flatnonzero(moments.ordinal == ordinal)
        levels[rows] += levels[rows - 1] * kept[rows, None]
    return levels.round(DECIMALS)
