"""Needs: the few hidden forces from which both browsing and taking follow.

A need grows out of one's context and taste, rises before and after a change in life, and now and
then flares up for reasons nobody else sees. It is never written to a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

import numpy as np

from training.world.draws import Floats, pick, repeated
from training.world.lives import Lives
from training.world.state import NAMES, State, categories_of
from training.world.window import Window

NEEDS: Final = (
    "payments",
    "buffer",
    "growth",
    "learning",
    "mobility",
    "shelter",
    "security",
    "family",
    "enterprise",
    "later",
    "leisure",
    "spending",
)

CONTEXT: Final[Mapping[str, Mapping[str, float]]] = {
    "occupation:student": {"learning": 1.8, "buffer": 0.7, "growth": -0.5, "payments": 0.3},
    "occupation:employed": {"growth": 0.2, "later": 0.2, "spending": 0.3, "learning": -1.2},
    "occupation:self_employed": {"enterprise": 1.8, "security": 0.4, "learning": -1.2},
    "occupation:unemployed": {"spending": 0.5, "growth": -0.8, "leisure": -0.7, "learning": -0.6},
    "occupation:retired": {"later": 1.1, "leisure": 0.4, "learning": -2.0, "enterprise": -1.0},
    "household:with_parents": {"shelter": -1.2, "security": -0.8, "family": -1.2},
    "household:single": {"shelter": 0.2, "leisure": 0.3, "family": -0.9},
    "household:couple": {"shelter": 0.3, "family": 0.1, "security": 0.1, "leisure": 0.2},
    "household:family": {"family": 1.5, "security": 0.5, "leisure": -0.3, "buffer": 0.2},
    "housing:rents": {"shelter": 0.4},
    "housing:owns": {"shelter": 0.5, "security": 0.3},
    "income_band:none": {"growth": -0.9, "leisure": -0.5, "later": -0.6},
    "income_band:low": {"spending": 0.5, "growth": -0.5, "buffer": 0.2},
    "income_band:high": {"growth": 1.0, "leisure": 0.5, "spending": -0.5, "later": 0.2},
    "has_car": {"mobility": 0.6},
    "age:<25": {"mobility": 0.3, "payments": 0.4, "later": -1.2},
    "age:25-34": {"shelter": 0.3, "growth": 0.2, "later": -0.6},
    "age:45-59": {"later": 0.5, "growth": 0.2, "payments": -0.3},
    "age:60+": {"later": 0.9, "mobility": -0.5, "shelter": -0.6, "payments": -0.4, "growth": -0.3},
}
"""What each need owes to each piece of context."""

AROUND: Final[Mapping[str, Mapping[str, float]]] = {
    "first_job": {"payments": 1.6, "later": 0.5, "mobility": 0.6, "growth": 0.5, "spending": 0.4},
    "own_business": {"enterprise": 2.4, "security": 0.5, "spending": 0.3},
    "lost_job": {"buffer": 0.9, "spending": 0.8},
    "retirement": {"later": 1.6, "leisure": 0.8},
    "left_home": {"shelter": 1.8, "payments": 0.5, "security": 0.6},
    "moved_in_together": {"shelter": 1.0, "payments": 0.9, "family": 0.4, "security": 0.4},
    "separation": {"shelter": 1.0, "payments": 0.8, "security": 0.3},
    "child": {"family": 2.2, "security": 0.8, "buffer": 0.6, "mobility": 0.3},
    "bought_house": {"shelter": 2.6, "security": 0.9},
    "bought_car": {"mobility": 2.2, "security": 0.3},
}
"""How far a life event raises needs in the month it happens."""

NEARNESS: Final = {-3: 0.3, -2: 0.6, -1: 0.9, 0: 1.0, 1: 0.7, 2: 0.35, 3: 0.15}
"""How much of that is felt so many months after the event; plans come before it."""

FLARES_A_MONTH = 0.16
FLARE_OF: Final = (0.4, 0.9, 0.9, 0.4, 0.8, 0.9, 0.7, 0.4, 0.25, 0.4, 1.5, 0.8)
"""Which need flares up, in the order of NEEDS: a journey is planned oftener than a pension."""

FLARE_FADES = 0.5
TASTE_SPREAD = 0.45
MOOD_SPREAD = 0.2


@dataclass(frozen=True)
class Needs:
    """`levels[m]` is (n, needs) float32: each need in month m, 0 or more, about 1 when at rest."""

    levels: tuple[Floats, ...]


def rest_needs(state: State, age: Floats) -> Floats:
    """What context alone asks for, before taste and events: (n, needs), may be negative."""
    return _indicators(state, age) @ _WEIGHTS


def feel(rng: np.random.Generator, lives: Lives, window: Window) -> Needs:
    """Each person's needs in each month of the window."""
    count = len(lives)
    taste = rng.normal(0, TASTE_SPREAD, (count, len(NEEDS))).astype(np.float32)
    flare = np.zeros((count, len(NEEDS)), np.float32)
    levels = []
    for month in range(window.months + 1):
        day = int(window.edges[month])
        flare = flare * np.float32(FLARE_FADES) + _new_flares(rng, count)
        mood = rng.normal(0, MOOD_SPREAD, taste.shape).astype(np.float32)
        rest = rest_needs(lives.states[month], lives.age(day))
        levels.append(felt(rest + taste + mood + flare + _around(lives, month)))
    return Needs(tuple(levels))


def felt(level: Floats) -> Floats:
    """From any real number to a need of 0 or more: no need below some point, linear far above."""
    return cast("Floats", np.logaddexp(np.float32(0), level * 1.5) / np.float32(1.5))


def _around(lives: Lives, month: int) -> Floats:
    """What the life events near this month add."""
    total = np.zeros((len(lives), len(NEEDS)), np.float32)
    for after, share in NEARNESS.items():
        when = month - after
        if not 0 <= when < len(lives.happened):
            continue
        for event, raises in AROUND.items():
            rows = np.flatnonzero(lives.happened[when][event])
            for need, size in raises.items():
                total[rows, NEEDS.index(need)] += np.float32(size * share)
    return total


def _new_flares(rng: np.random.Generator, count: int) -> Floats:
    whose = repeated(rng.poisson(FLARES_A_MONTH, count))
    need = pick(rng, np.tile(np.array(FLARE_OF), (len(whose), 1)))
    flares = np.zeros((count, len(NEEDS)), np.float32)
    np.add.at(flares, (whose, need), 1.0 + rng.exponential(0.7, len(whose)).astype(np.float32))
    return flares


def _indicators(state: State, age: Floats) -> Floats:
    """(n, len(CONTEXT)): 1 where that piece of context holds."""
    codes = categories_of(state)
    columns = []
    for piece in CONTEXT:
        name, _, value = piece.partition(":")
        if name == "age":
            columns.append(_in_band(age, value))
        elif name == "has_car":
            columns.append(state.has_car)
        else:
            columns.append(codes[name] == NAMES[name].index(value))
    return np.stack(columns, axis=1).astype(np.float32)


def _in_band(age: Floats, band: str) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    if band.startswith("<"):
        return age < float(band[1:])
    if band.endswith("+"):
        return age >= float(band[:-1])
    low, _, high = band.partition("-")
    return (age >= float(low)) & (age < float(high) + 1)


_WEIGHTS: Final = np.array(
    [[raises.get(need, 0.0) for need in NEEDS] for raises in CONTEXT.values()], dtype=np.float32
)
