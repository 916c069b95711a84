"""What recurs, but not once a month: by the week, four weeks, quarter or year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from training.world import names
from training.world.bookings import Payments, joined
from training.world.draws import Flags, Rows
from training.world.flows import DIRECT_DEBIT, STANDING_ORDER, TRANSFER, Household, Payees
from training.world.state import WITH_PARENTS, State
from training.world.window import Days, Window, days_since_epoch, shifted

AHEAD_MONTHS = 13
"""Habits are told of beyond the window until each is due once more."""

DAYS: Final = {"weekly": 7, "four_weekly": 28}
MONTHS: Final = {"quarterly": 3, "yearly": 12}


@dataclass(frozen=True)
class Habit:
    """`share` of those to whom it can happen have it; `amount` in cents, negative goes out."""

    purpose: str
    payees: tuple[str, ...]
    scheme: int
    period: str
    share: float
    amount: tuple[int, int]
    whose: str = "anyone"


HABITS: Final = (
    Habit("Cleaning", names.CLEANERS, STANDING_ORDER, "weekly", 0.06, (-4_500, -2_000)),
    Habit("Meal box", names.MEAL_BOXES, DIRECT_DEBIT, "weekly", 0.05, (-4_500, -2_500)),
    Habit(
        "Pocket money", names.CHILD_ACCOUNT, STANDING_ORDER, "weekly", 0.2, (-1_500, -300), "parent"
    ),
    Habit("Fitness", names.GYMS, DIRECT_DEBIT, "four_weekly", 0.12, (-3_500, -1_800)),
    Habit("Travel pass", names.TRAVEL_PASSES, DIRECT_DEBIT, "four_weekly", 0.06, (-9_000, -4_000)),
    Habit("Water board", names.WATER, DIRECT_DEBIT, "quarterly", 0.6, (-9_500, -4_000), "own_door"),
    Habit("Road tax", names.ROAD_TAX, DIRECT_DEBIT, "quarterly", 0.9, (-24_000, -9_000), "driver"),
    Habit(
        "Child benefit", names.FAMILY_BENEFITS, TRANSFER, "quarterly", 0.95, (27_000, 55_000),
        "parent",
    ),
    Habit("Membership", names.MEMBERSHIPS, DIRECT_DEBIT, "yearly", 0.35, (-12_000, -4_500)),
)  # fmt: skip

PERIODS: Final = ("weekly", "four_weekly", "monthly", "quarterly", "yearly")
PURPOSES: Final = tuple(dict.fromkeys(habit.purpose for habit in HABITS))


def habitual(
    rng: np.random.Generator,
    household: Household,
    payees: Payees,
    purposes: tuple[str, ...],
    window: Window,
    first_series: int,
) -> Payments:
    """Payments of HABITS by those who have them, beyond the window too.

    Habit h of person p is series `first_series` + h * n + p.
    """
    # What people are at the end of the window they have been for the sake of their habits.
    state = household.lives.states[window.months]
    parts = []
    for number, habit in enumerate(HABITS):
        can = _can(state, habit.whose)
        person = np.flatnonzero(can & (rng.random(len(can)) < habit.share))
        codes = payees.codes(habit.payees)[rng.integers(0, len(habit.payees), len(person))]
        amount = rng.integers(habit.amount[0], habit.amount[1] + 1, len(person))
        start = rng.random(len(person))
        row, day = _due(habit.period, start, window)
        parts.append(
            Payments(
                person[row],
                _month(day, window),
                day,
                amount[row].astype(np.int64),
                codes[row],
                np.full(len(row), habit.scheme, np.int8),
                np.full(len(row), purposes.index(habit.purpose), np.int8),
                first_series + number * len(can) + person[row],
            )
        )
    return joined(parts)


def _can(state: State, whose: str) -> Flags:
    anyone = np.ones(len(state.children), np.bool_)
    rules: dict[str, Flags] = {
        "anyone": anyone,
        "parent": state.children > 0,
        "own_door": state.household != WITH_PARENTS,
        "driver": state.has_car,
    }
    return rules[whose]


def _due(period: str, start: np.ndarray, window: Window) -> tuple[Rows, Days]:
    """(rows, days) of each of `start` (n,), shares of a first period, from the window's start."""
    first = window.first_day
    if period in DAYS:
        step = DAYS[period]
        count = (window.until - window.start) // step + 2
        begins = window.start + (start * step).astype(np.int64)
        day = begins[:, None] + step * np.arange(count)
    else:
        step = MONTHS[period]
        count = (window.months + AHEAD_MONTHS) // step + 1
        table = np.array(
            [
                [
                    days_since_epoch(shifted(first + timedelta(days=at), step * k))
                    for k in range(count)
                ]
                for at in range(round(30.4 * step))
            ]
        )
        day = table[(start * len(table)).astype(np.int64)]
    rows = np.repeat(np.arange(len(start)), day.shape[1])
    return rows, day.ravel().astype(np.int32)


def _month(day: Days, window: Window) -> np.ndarray:
    """Calendar months since that of the window's first day; later ones count as one."""
    first = window.first_day.replace(day=1)
    months = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    since = months - (date(first.year, first.month, 1).year - 1970) * 12 - (first.month - 1)
    return np.minimum(since, 127).astype(np.int8)
