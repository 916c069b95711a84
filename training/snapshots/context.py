"""Life context at each moment: attributes walked back through their changes, age and tenure."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recommender.catalogue import Attribute, Catalogue
from recommender.tables import ACCOUNT_ID, AT, BIRTH_DATE, JOINED_ON
from training.snapshots.moments import NONE, Moments, positions
from training.tables import Tables

Floats = NDArray[np.float64]

YES_NO = ("no", "yes")


def attributes_at(tables: Tables, catalogue: Catalogue, moments: Moments) -> dict[str, Floats]:
    """Every declared attribute at each moment, (k,) float64, NaN where unknown.

    A category is its position in the declared values, a boolean 0 or 1, an integer itself. The
    table has today's values: what held at a moment is the `before` of the first change at or after
    it, or today's value where there is none.
    """
    changes = tables.context_changes()
    owner, at = positions(changes[ACCOUNT_ID]), changes[AT].to_numpy()
    order = np.lexsort((at, owner))
    changed = changes["attribute"].to_numpy()[order]
    before = changes["before"].iloc[order]
    result = {}
    for name, attribute in catalogue.attributes.items():
        now = numbers_of(tables.accounts[name], attribute)[moments.account]
        own = np.flatnonzero(changed == name)
        record = moments.next_record(owner[order[own]], at[order[own]])
        then = np.append(_parsed(before.iloc[own], attribute), np.nan)[record]
        result[name] = np.where(record == NONE, now, then)
    return result


def numbers_of(column: pd.Series, attribute: Attribute) -> Floats:
    """A column of `accounts` as `attributes_at` gives it."""
    if attribute.type == "category":
        return _places(column.astype(object), attribute.values)
    return _numbers(column)


def _parsed(texts: pd.Series, attribute: Attribute) -> Floats:
    """Labels of a context change as `attributes_at` gives values."""
    if attribute.type == "integer":
        return _numbers(pd.to_numeric(texts))
    return _places(texts, attribute.values if attribute.type == "category" else YES_NO)


def _numbers(column: pd.Series) -> Floats:
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _places(texts: pd.Series, values: tuple[str, ...]) -> Floats:
    place = pd.Index(values).get_indexer(pd.Index(texts))
    return np.where(place == NONE, np.nan, place)


def ages_at(tables: Tables, moments: Moments) -> dict[str, Floats]:
    """`age` and `tenure_years` at each moment, whole years, NaN where unknown."""
    return {
        name: full_years(tables.accounts[column].to_numpy()[moments.account], moments.day)
        for name, column in (("age", BIRTH_DATE), ("tenure_years", JOINED_ON))
    }


def full_years(since: NDArray[np.datetime64], day: NDArray[np.datetime64]) -> Floats:
    """Whole years from `since` to `day`, as `recommender.situation.full_years` has them."""
    # As numbers of the form year, month, day, 10000 apart is a year: 2026_11_23 - 2008_11_24.
    years = (_written(day) - _written(since)) // 10_000
    return np.where(np.isnat(since), np.nan, years)


def _written(day: NDArray[np.datetime64]) -> NDArray[np.int64]:
    month = day.astype("datetime64[M]")
    year = day.astype("datetime64[Y]")
    written: NDArray[np.int64] = (
        (year.astype(np.int64) + 1970) * 10_000
        + (month - year).astype(np.int64) * 100
        + (day.astype("datetime64[D]") - month).astype(np.int64)
    )
    return written
