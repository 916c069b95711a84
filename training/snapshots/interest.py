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
from recommender.tables import ACCOUNT_ID, AT, DOMAIN, KIND, PRODUCT_ID
from training.snapshots.consents import Words
from training.snapshots.moments import NONE, Instants, Moments, Positions, positions
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
    """The decayed interest of every moment's account, from events strictly before it.

    Nothing that was looked at without consent to personalise counts, nor what was looked at before
    a withdrawal, once it is told: see `consents`.
    """
    words = Words.of(tables.events)
    begun = _begun(words, moments)
    sums = Interests(
        np.zeros((len(moments), len(catalogue.domains))),
        np.zeros((len(moments), len(catalogue.products))),
    )
    for first in range(0, len(tables.events), AT_ONCE):
        _add(tables.events[first : first + AT_ONCE], catalogue, moments, words, begun, sums)
    return Interests(
        *(_flow(levels, moments, begun, catalogue) for levels in (sums.domain, sums.product))
    )


def _add(  # what is added, and all that says to what
    events: pd.DataFrame,
    catalogue: Catalogue,
    moments: Moments,
    words: Words,
    begun: Instants,
    sums: Interests,
) -> None:
    """Add each event that counts, decayed, to its account's next moment."""
    weights = np.array(
        [catalogue.interest.weights.get(k, 0.0) for k in events[KIND].cat.categories]
    )
    weight = np.append(weights, 0.0)[positions(events[KIND])]
    counted = np.flatnonzero(weight)
    at = events[AT].to_numpy()[counted]
    account = positions(events[ACCOUNT_ID])[counted]
    moment = moments.first_after(account, at)
    seen = (moment != NONE) & ~(at <= begun[moment])  # NaT: it did not begin anew
    if len(words):
        seen &= ~words.withdrawn(account, at)
    counted, at, moment = counted[seen], at[seen], moment[seen]
    half_lives = days_between(at, moments.instant[moment]) / catalogue.interest.half_life_days
    amount = weight[counted] * np.exp2(-half_lives)
    product = positions(events[PRODUCT_ID])[counted]
    domain = _domains(catalogue, positions(events[DOMAIN])[counted], product)
    for levels, key in ((sums.domain, domain), (sums.product, product)):
        named = key != NONE
        np.add.at(levels, (moment[named], key[named]), amount[named])


def _begun(words: Words, moments: Moments) -> Instants:
    """(k + 1,) when the profile last began anew between the account's moment before and this one,
    NaT where it went on; the last is of no moment.
    """
    begun = np.full(len(moments) + 1, np.datetime64("NaT"), "datetime64[us]")
    account, at = words.account[words.anew], words.at[words.anew]  # noqa: PD008  # no frame
    moment = moments.first_after(account, at)
    begun[moment] = at  # they ascend: the last stays
    begun[NONE] = np.datetime64("NaT")
    return begun


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


def _flow(levels: Floats, moments: Moments, begun: Instants, catalogue: Catalogue) -> Floats:
    """Carry each moment's level on to the account's next one, decayed by the time between, unless
    the profile began anew on the way.
    """
    apart = days_between(moments.instant[:-1], moments.instant[1:])
    kept = np.append(0.0, np.exp2(-np.maximum(apart, 0.0) / catalogue.interest.half_life_days))
    kept[: len(moments)] *= np.isnat(begun[:-1])
    for ordinal in range(1, int(moments.ordinal.max(initial=0)) + 1):
        rows = np.flatnonzero(moments.ordinal == ordinal)
        levels[rows] += levels[rows - 1] * kept[rows, None]
    return levels.round(DECIMALS, out=levels)
