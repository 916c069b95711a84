"""When a person is where on the way through a life domain."""

from __future__ import annotations

from pydantic import Field

from recommender.catalogue.base import Declared
from recommender.rules.names import MOST_YEARS


class JourneyPolicy(Declared):
    """How far somebody is in a life domain: by interest, by applications, by what is held.

    `aware` and `considering` are levels of interest, by default the lowest and the middle one. An
    application counts for so many days after it was begun.
    """

    aware: str | None = None
    considering: str | None = None
    applying_days: int = Field(default=30, ge=1, le=366)
    loyal_years: int = Field(default=3, ge=1, le=MOST_YEARS)
