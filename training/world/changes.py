"""What can happen to a life within a month, and how likely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.world.draws import Codes, Flags, Floats, along
from training.world.state import (
    COUPLE,
    EMPLOYED,
    FAMILY,
    HIGH,
    LOW,
    MIDDLE,
    NO_INCOME,
    OWNS,
    RENTS,
    RETIRED,
    SELF_EMPLOYED,
    SINGLE,
    STUDENT,
    UNEMPLOYED,
    WITH_PARENTS,
    State,
)

LIFE_EVENTS: Final = (
    "first_job",
    "own_business",
    "lost_job",
    "retirement",
    "left_home",
    "moved_in_together",
    "separation",
    "child",
    "bought_house",
    "bought_car",
)

MAX_CHILDREN = 4


@dataclass(frozen=True)
class _Month:
    """A life and the dice for one month of it."""

    rng: np.random.Generator
    state: State
    age: Floats

    def happens(self, to_whom: Flags, chance: Floats | float) -> Flags:
        """Flags of those among `to_whom` to whom it happens with this chance (a month)."""
        result: Flags = to_whom & (self.rng.random(len(self.age), dtype=np.float32) < chance)
        return result

    def by_age(self, points: dict[float, float]) -> Floats:
        return along(self.age, points)


def next_state(
    rng: np.random.Generator, state: State, age: Floats
) -> tuple[State, dict[str, Flags]]:
    """The lives one month on, and which of LIFE_EVENTS made the difference."""
    month = _Month(rng, state, age)
    occupation, income, work = _work(month)
    household, housing, children, home = _home(month)
    bought_car = month.happens(
        ~state.has_car & (age >= 18) & (income >= LOW),
        0.010 * month.by_age({20: 1.0, 30: 1.6, 50: 1.0, 75: 0.2}) * (1 + home["child"] * 20),
    )
    sold_car = month.happens(state.has_car, month.by_age({60: 0.001, 85: 0.02}))
    after = State(
        occupation, household, housing, income, children, (state.has_car | bought_car) & ~sold_car
    )
    return after, {**work, **home, "bought_car": bought_car}


def _work(month: _Month) -> tuple[Codes, Codes, dict[str, Flags]]:
    was = month.state.occupation
    first_job = month.happens(
        was == STUDENT, month.by_age({18: 0.006, 20: 0.012, 22: 0.035, 24: 0.05, 27: 0.07})
    )
    own_business = month.happens(was == EMPLOYED, month.by_age({22: 0.002, 30: 0.005, 60: 0.001}))
    lost_job = month.happens((was == EMPLOYED) & ~own_business, 0.003)
    found_job = month.happens(was == UNEMPLOYED, month.by_age({25: 0.10, 60: 0.04}))
    gave_up = month.happens(was == SELF_EMPLOYED, 0.004)
    retirement = month.happens(
        (was != RETIRED) & (was != STUDENT),
        month.by_age({59: 0.0, 62: 0.01, 65: 0.04, 66.5: 0.12, 68: 0.35}),
    )
    occupation = was.copy()
    occupation[first_job | found_job | gave_up] = EMPLOYED
    occupation[own_business] = SELF_EMPLOYED
    occupation[lost_job] = UNEMPLOYED
    occupation[retirement] = RETIRED
    started = first_job | found_job
    income = _income(month, started, lost_job & ~retirement, retirement)
    return (
        occupation,
        income,
        {
            "first_job": first_job & ~retirement,
            "own_business": own_business & ~retirement,
            "lost_job": lost_job & ~retirement,
            "retirement": retirement,
        },
    )


def _income(month: _Month, started: Flags, lost: Flags, retired: Flags) -> Codes:
    income = month.state.income.copy()
    raised = month.happens(
        month.state.works & (income < HIGH), month.by_age({22: 0.012, 50: 0.002})
    )
    income[raised] += 1
    income[started] = np.where(month.rng.random(int(started.sum())) < 0.45, LOW, MIDDLE)
    income[lost] = np.where(month.rng.random(int(lost.sum())) < 0.3, NO_INCOME, LOW)
    income[retired] = np.maximum(income[retired] - 1, LOW)
    return income


def _home(month: _Month) -> tuple[Codes, Codes, Codes, dict[str, Flags]]:
    state = month.state
    was = state.household
    left_home = month.happens(
        (was == WITH_PARENTS) & (month.age >= 18),
        month.by_age({18: 0.012, 22: 0.03, 28: 0.05}) * np.where(state.works, 1.4, 1.0),
    )
    together = month.happens(
        was == SINGLE, month.by_age({19: 0.008, 26: 0.022, 40: 0.008, 60: 0.002})
    )
    child = month.happens(
        state.partnered & (state.children < MAX_CHILDREN),
        month.by_age({22: 0.002, 28: 0.013, 34: 0.016, 40: 0.005, 45: 0.0}),
    )
    separation = month.happens(state.partnered & ~child, month.by_age({25: 0.004, 60: 0.001}))
    grown = month.happens(
        (state.children > 0) & ~child, month.by_age({42: 0.0, 48: 0.015, 58: 0.05})
    )
    household = was.copy()
    household[left_home | separation] = SINGLE
    household[together] = COUPLE
    children = (state.children + child - grown).astype(np.int8)
    children[separation] = 0
    household[(household == COUPLE) & (children > 0)] = FAMILY
    household[(household == FAMILY) & (children == 0)] = COUPLE
    housing, bought = _housing(month, household, left_home, separation)
    return (
        household,
        housing,
        children,
        {
            "left_home": left_home,
            "moved_in_together": together,
            "separation": separation,
            "child": child,
            "bought_house": bought,
        },
    )


def _housing(
    month: _Month, household: Codes, left_home: Flags, separation: Flags
) -> tuple[Codes, Flags]:
    state = month.state
    may_buy = (state.housing == RENTS) & state.earns & ~separation
    chance = month.by_age({22: 0.001, 28: 0.010, 36: 0.014, 50: 0.004, 65: 0.001})
    chance = (
        chance
        * np.where(household >= COUPLE, 1.5, 0.6)
        * np.where(state.income >= MIDDLE, 1.2, 0.2)
    )
    bought = month.happens(may_buy, chance)
    housing = state.housing.copy()
    housing[left_home | (separation & (month.rng.random(len(housing)) < 0.5))] = RENTS
    housing[bought] = OWNS
    return housing, bought
