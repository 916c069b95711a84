"""Lives: who people are, and how work, home, family and income change from month to month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

import numpy as np

from training.world.changes import LIFE_EVENTS, next_state
from training.world.draws import Codes, Flags, Floats, along, pick
from training.world.state import (
    COUPLE,
    EMPLOYED,
    FAMILY,
    HIGH,
    LOW,
    MIDDLE,
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
from training.world.window import AHEAD, YEAR_DAYS, Days, Window

JOINS_IN_WINDOW: Final = 0.14
"""Share of people who become customers during the window, the young more often."""

YOUNGEST, OLDEST = 16.0, 88.0


@dataclass(frozen=True)
class Lives:
    """n people over the window and AHEAD months more.

    `states[m]` is each life at the start of month m, `happened[m]` which life events (LIFE_EVENTS)
    fall within it, `changed[m]` the day on which they did.
    """

    born: Days
    joined: Days
    region: Codes
    gender: Codes
    states: tuple[State, ...]
    happened: tuple[Mapping[str, Flags], ...]
    changed: tuple[Days, ...]

    def __len__(self) -> int:
        return len(self.born)

    def age(self, day: int) -> Floats:
        return _years(day - self.born)


def _years(days: Days) -> Floats:
    return (days / YEAR_DAYS).astype(np.float32)


def live(rng: np.random.Generator, count: int, window: Window) -> Lives:
    """Draw `count` lives and let them run."""
    age = _ages(rng, count)
    born = (window.start - age * YEAR_DAYS).astype(np.int32)
    region = pick(rng, np.tile([0.15, 0.2, 0.2, 0.45], (count, 1)))
    joined = _joined(rng, age, window)
    states, happened, changed = [_state_at(rng, age)], [], []
    for month in range(window.months + AHEAD):
        first, end = int(window.edges[month]), int(window.edges[month + 1])
        state, events = next_state(rng, states[-1], _years(first - born))
        states.append(state)
        happened.append(events)
        # Nobody's change is on record before the day they joined.
        earliest = np.clip(joined + 1, first, end - 1)
        changed.append((earliest + rng.random(count) * (end - earliest)).astype(np.int32))
    return Lives(
        born=born,
        joined=joined,
        region=region,
        gender=pick(rng, np.tile([0.495, 0.495, 0.01], (count, 1))),
        states=tuple(states),
        happened=tuple(happened),
        changed=tuple(changed),
    )


def _ages(rng: np.random.Generator, count: int) -> Floats:
    """Years at the start of the window: many young, most of working age."""
    group = pick(rng, np.tile([0.27, 0.46, 0.27], (count, 1)))
    low = np.array([YOUNGEST, 25.0, 50.0])[group]
    high = np.array([25.0, 50.0, OLDEST])[group]
    # The last group thins out with age.
    spread = np.where(group == 2, rng.beta(1.1, 1.9, count), rng.random(count))
    return cast("Floats", (low + spread * (high - low)).astype(np.float32))


def _joined(rng: np.random.Generator, age: Floats, window: Window) -> Days:
    count = len(age)
    new = rng.random(count) < JOINS_IN_WINDOW * along(age, {18: 2.4, 24: 1.6, 30: 1.0, 60: 0.5})
    years = np.minimum(rng.exponential(7.0, count), np.maximum(age - 15.5, 0.2))
    before = window.start - 1 - years * YEAR_DAYS
    during = window.start + rng.random(count) * (window.until - window.start - 2)
    return np.where(new, during, before).astype(np.int32)


def _state_at(rng: np.random.Generator, age: Floats) -> State:
    """A life as it may stand at this age."""
    occupation = _occupation(rng, age)
    household = _household(rng, age)
    income = _income(rng, age, occupation)
    owns = along(age, {20: 0.02, 27: 0.15, 33: 0.45, 45: 0.62, 60: 0.68, 85: 0.6})
    owns *= np.array([0.2, 0.5, 1.0, 1.3], np.float32)[income]
    owns *= np.where(household == SINGLE, 0.75, 1.15)
    housing = np.where(rng.random(len(age)) < owns, OWNS, RENTS)
    children = np.where(household == FAMILY, 1 + rng.binomial(2, 0.4, len(age)), 0)
    car = along(age, {18: 0.1, 25: 0.4, 35: 0.7, 70: 0.72, 85: 0.4})
    car *= np.where(income <= LOW, 0.6, 1.1) * np.where(occupation == STUDENT, 0.35, 1.0)
    return State(
        occupation=occupation,
        household=household,
        housing=np.where(household == WITH_PARENTS, WITH_PARENTS, housing).astype(np.int8),
        income=income,
        children=children.astype(np.int8),
        has_car=(rng.random(len(age)) < car) & (age >= 18),
    )


def _occupation(rng: np.random.Generator, age: Floats) -> Codes:
    student = along(age, {17.9: 1.0, 18: 0.86, 20: 0.7, 22: 0.5, 24: 0.28, 27: 0.06, 32: 0.01})
    retired = along(age, {58: 0.0, 62: 0.1, 65: 0.4, 67: 0.9, 70: 0.98})
    weights = np.zeros((len(age), 5), np.float32)
    working = np.maximum(1 - student - retired, 0)
    weights[:, STUDENT], weights[:, RETIRED] = student, retired
    weights[:, EMPLOYED] = 0.78 * working
    weights[:, SELF_EMPLOYED] = 0.15 * working
    weights[:, UNEMPLOYED] = 0.07 * working
    return pick(rng, weights)


def _household(rng: np.random.Generator, age: Floats) -> Codes:
    parents = along(age, {17.9: 1.0, 18: 0.92, 20: 0.65, 23: 0.4, 26: 0.18, 30: 0.05, 40: 0.01})
    family = along(age, {18: 0.0, 25: 0.06, 30: 0.3, 35: 0.5, 45: 0.55, 52: 0.35, 60: 0.1, 70: 0.0})
    couple = along(age, {18: 0.1, 25: 0.4, 30: 0.5, 60: 0.65, 85: 0.45})
    weights = np.zeros((len(age), 4), np.float32)
    weights[:, WITH_PARENTS] = parents
    weights[:, FAMILY] = (1 - parents) * family
    weights[:, COUPLE] = (1 - parents) * (1 - family) * couple
    weights[:, SINGLE] = (1 - parents) * (1 - family) * (1 - couple)
    return pick(rng, weights)


def _income(rng: np.random.Generator, age: Floats, occupation: Codes) -> Codes:
    by_occupation = np.zeros((5, 4), np.float32)
    by_occupation[STUDENT] = [0.6, 0.4, 0, 0]
    by_occupation[EMPLOYED] = [0, 0.2, 0.55, 0.25]
    by_occupation[SELF_EMPLOYED] = [0, 0.3, 0.4, 0.3]
    by_occupation[UNEMPLOYED] = [0.4, 0.6, 0, 0]
    by_occupation[RETIRED] = [0, 0.45, 0.45, 0.1]
    weights = by_occupation[occupation]
    # Careers take time: before the mid-thirties fewer are well paid.
    career = along(age, {20: 0.1, 36: 1.0})
    weights[:, HIGH] *= career
    weights[:, MIDDLE] *= 0.6 + 0.4 * career
    return pick(rng, weights)


__all__ = ["LIFE_EVENTS", "Lives", "live"]
