"""What makes real payments hard to recognise: names that vary, missed months, new prices, ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from training.world.bookings import Payments, joined
from training.world.draws import Flags, Rows
from training.world.flows import DIRECT_DEBIT, SALARY, Payees
from training.world.window import YEAR_DAYS, Window

MOST_NOISE = 10

INCOME_MISSED = 0.25
"""Employers and pension funds forget less often than debits fail."""

CITIES: Final = ("Utrecht", "Amsterdam", "Zwolle")


@dataclass(frozen=True)
class Noise:
    """Shares and rates as in the demo bank; `at(level)` has more of it, or less, or none at 0."""

    renamed: float = 0.3
    """Of series, those of which VARIED executions carry another form of the payee's name."""
    varied: float = 0.35
    missed: float = 0.02
    """Of executions, those that do not take place; of income INCOME_MISSED of that."""
    doubled: float = 0.003
    late: float = 0.04
    """Of executions, those booked one or two days late."""
    repriced_a_year: float = 0.35
    cancelled_a_year: float = 0.06
    uneven: float = 0.12
    """How much bills by use differ each time (of their logarithm)."""
    last_working_day: float = 0.2
    """Of employees, those paid on the last working day of the month."""

    @classmethod
    def at(cls, level: float) -> Noise:
        usual = cls()
        scaled = {name: min(value * level, 0.9) for name, value in vars(usual).items()}
        return cls(**scaled)


UNEVEN: Final = ("Energy", "Phone and internet")


def priced(
    rng: np.random.Generator,
    rows: Payments,
    purposes: tuple[str, ...],
    window: Window,
    noise: Noise,
) -> Payments:
    """`rows` as they are planned: some get dearer, some are cancelled, bills are uneven."""
    _, of_series = np.unique(rows.series, return_inverse=True)
    series = int(of_series.max(initial=-1)) + 1
    span = window.until - window.start
    years = span / YEAR_DAYS
    changed = _somewhen(rng, series, window, 1 - (1 - noise.repriced_a_year) ** years)
    factor = np.where(rng.random(series) < 0.9, 1, -0.5) * rng.uniform(0.02, 0.12, series) + 1
    ends = _somewhen(rng, series, window, 1 - (1 - noise.cancelled_a_year) ** years)
    uneven = np.isin(rows.purpose, [purposes.index(name) for name in UNEVEN])
    scale = np.where((rows.day >= changed[of_series]) & ~uneven, factor[of_series], 1.0)
    scale *= np.where(uneven, np.exp(noise.uneven * rng.standard_normal(len(rows))), 1.0)
    amount = np.rint(rows.amount * scale).astype(np.int64)
    cancelled = (rows.scheme == DIRECT_DEBIT) & (rows.day >= ends[of_series])
    day = _last_working_days(rng, rows, of_series, noise.last_working_day)
    return replace(rows, amount=amount, day=day).where(~cancelled)


def _somewhen(rng: np.random.Generator, count: int, window: Window, share: float) -> Rows:
    """A day in the window for `share` of `count`, and one that never comes for the others."""
    day = window.start + (rng.random(count) * (window.until - window.start)).astype(np.int64)
    return np.where(rng.random(count) < share, day, np.iinfo(np.int32).max)


def _last_working_days(
    rng: np.random.Generator, rows: Payments, of_series: Rows, share: float
) -> np.ndarray:
    """The days of `rows`, pay moved to the end of the month for some employees."""
    chosen = rng.random(int(of_series.max(initial=-1)) + 1) < share
    moved = (rows.scheme == SALARY) & chosen[of_series]
    month = rows.day.astype("datetime64[D]").astype("datetime64[M]")
    last = (month + 1).astype("datetime64[D]").astype(np.int64) - 1
    weekday = (last + 3) % 7
    return np.where(moved, last - np.maximum(weekday - 4, 0), rows.day).astype(np.int32)


def booked(rng: np.random.Generator, rows: Payments, payees: Payees, noise: Noise) -> Payments:
    """What comes of planned `rows`: late, missed or doubled, and under which name."""
    _, of_series = np.unique(rows.series, return_inverse=True)
    late = rng.random(len(rows)) < noise.late
    day = (rows.day + late * rng.integers(1, 3, len(rows))).astype(np.int32)
    renamed = rng.random(int(of_series.max(initial=-1)) + 1) < noise.renamed
    other = renamed[of_series] & (rng.random(len(rows)) < noise.varied)
    told = replace(rows, day=day, payee=_renamed(rng, rows, other, payees))
    missed = noise.missed * np.where(rows.amount > 0, INCOME_MISSED, 1.0)
    kept = told.where(rng.random(len(rows)) >= missed)
    twice = kept.where(rng.random(len(kept)) < noise.doubled)
    again = replace(twice, day=(twice.day + 1).astype(np.int32))
    return joined([kept, again])


def _renamed(rng: np.random.Generator, rows: Payments, other: Flags, payees: Payees) -> np.ndarray:
    """Payee codes (m,), with another form of the name where `other`."""
    known = list(payees.names)
    forms = np.stack([payees.codes(name_forms(name)) for name in known])
    payee = rows.payee.copy()
    payee[other] = forms[rows.payee[other], rng.integers(0, forms.shape[1], int(other.sum()))]
    return payee


def name_forms(name: str) -> tuple[str, ...]:
    """How statements may put a payee's name.

    >>> name_forms("Zonwind Energy")[:3]
    ('ZONWIND ENERGY', 'Zonwind Energy B.V.', 'Zonwind Energy Zwolle')
    """
    middle = len(name) // 2
    slip = name[: middle - 1] + name[middle:] if len(name) >= 10 else name.lower()
    return (
        name.upper(),
        f"{name} B.V.",
        f"{name} {CITIES[len(name) % len(CITIES)]}",
        f"{name} 00{7919 * len(name) % 10_000:04}",
        name[: max(10, round(0.7 * len(name)))].strip(),
        slip,
    )
