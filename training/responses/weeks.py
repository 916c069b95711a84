"""What was shown, week by week, and what came of it: the course of whatever policy was in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from recommender.catalogue import Catalogue
from training.evaluation import Estimate
from training.responses.rows import Responses

NORMAL_95 = 1.96
MONDAY = np.datetime64("1970-01-05", "D")


@dataclass(frozen=True)
class ResponseWeek:
    """`offers` that were shown from `monday` on; `value` is the catalogue's, per offer shown."""

    monday: date
    offers: int
    taken: int
    value: Estimate


def response_weeks(responses: Responses, catalogue: Catalogue) -> tuple[ResponseWeek, ...]:
    """Each week in which something was shown, the oldest first.

    Means of what happened, exploration included. Intervals of 95 %, from accounts and not offers:
    one person's answers are alike.
    """
    values = np.array([product.value for product in catalogue.products.values()])
    gained = responses.taken * values[responses.product]
    week = (responses.moment.astype("datetime64[D]") - MONDAY) // np.timedelta64(7, "D")
    return tuple(
        _week(MONDAY + 7 * number, responses, gained, np.flatnonzero(week == number))
        for number in np.unique(week)
    )


def _week(
    monday: np.datetime64,
    responses: Responses,
    gained: NDArray[np.float64],
    rows: NDArray[np.intp],
) -> ResponseWeek:
    mean = float(gained[rows].mean())
    of_account = np.bincount(responses.account[rows], gained[rows] - mean)
    arm = NORMAL_95 * float(np.sqrt(of_account @ of_account)) / len(rows)
    return ResponseWeek(
        monday=monday.astype(date),
        offers=len(rows),
        taken=int(responses.taken[rows].sum()),
        value=Estimate(mean, max(mean - arm, 0.0), mean + arm),
    )
