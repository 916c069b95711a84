"""One moment of many lives: a code for each attribute that the demo bank's catalogue declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from training.world.draws import Codes, Flags

OCCUPATIONS: Final = ("student", "employed", "self_employed", "unemployed", "retired")
STUDENT, EMPLOYED, SELF_EMPLOYED, UNEMPLOYED, RETIRED = range(5)

HOUSEHOLDS: Final = ("with_parents", "single", "couple", "family")
WITH_PARENTS, SINGLE, COUPLE, FAMILY = range(4)

HOUSINGS: Final = ("with_parents", "rents", "owns")
RENTS, OWNS = 1, 2

INCOME_BANDS: Final = ("none", "low", "middle", "high")
NO_INCOME, LOW, MIDDLE, HIGH = range(4)

REGIONS: Final = ("north", "east", "south", "west")
GENDERS: Final = ("f", "m", "x")


@dataclass(frozen=True)
class State:
    """n lives at one moment, as codes into the tuples above; every array is (n,)."""

    occupation: Codes
    household: Codes
    housing: Codes
    income: Codes
    children: Codes
    has_car: Flags

    @property
    def works(self) -> Flags:
        return cast("Flags", (self.occupation == EMPLOYED) | (self.occupation == SELF_EMPLOYED))

    @property
    def earns(self) -> Flags:
        return self.income >= LOW

    @property
    def partnered(self) -> Flags:
        return self.household >= COUPLE


NAMES: Final = {
    "occupation": OCCUPATIONS,
    "household": HOUSEHOLDS,
    "housing": HOUSINGS,
    "income_band": INCOME_BANDS,
}
"""The categories by attribute; see `categories_of` for their codes."""


def categories_of(state: State) -> dict[str, Codes]:
    """The codes of each attribute in NAMES."""
    return {
        "occupation": state.occupation,
        "household": state.household,
        "housing": state.housing,
        "income_band": state.income,
    }
