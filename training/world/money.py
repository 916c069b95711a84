"""Money: what comes in and goes out each month, and what of the rest is spent by card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import numpy as np

from training.world.bookings import (
    NO_PURPOSE,
    NO_SERIES,
    Minor,
    Payments,
    Presence,
    calendar_months,
    in_order,
    joined,
    recurring,
    running_balance,
)
from training.world.draws import Flags, Floats, Rows, repeated
from training.world.flows import (
    CARD,
    DIRECT_DEBIT,
    INCOME_MINOR,
    STANDING_ORDER,
    Household,
    Payees,
    monthly_flows,
)
from training.world.habits import HABITS, PERIODS, PURPOSES, habitual
from training.world.names import SHOPS
from training.world.noise import Noise, priced
from training.world.noise import booked as booked_of
from training.world.taking import NEVER
from training.world.window import Days, Window

AHEAD_DAYS = 35
"""Standing orders and direct debits are known for the coming five weeks."""

KNOWN_AHEAD: Final = (STANDING_ORDER, DIRECT_DEBIT)
PAID_THROUGH: Final = ("student_account", "current_account")

CARDS_A_MONTH = 11.0
THRIFT, THRIFT_SPREAD = 0.93, 0.06
"""Share of what is left after fixed costs that people mean to spend."""

LEAST_CARD_MINOR = 150
LEAST_LEFT_MINOR = 12_000
"""A month in which less is left than this is lived on savings, or in the red."""

CUSHION = 0.5
"""What people like to keep, in months of what is left after fixed costs; the middle of them."""

OPENING_MINOR = 40_000
"""What new customers bring along, in the middle."""


@dataclass(frozen=True)
class Money:
    """Bookings of the window in order, the balance after each, and the payments to come.

    `planned` is what recurs, as it was meant to be, beyond the window too; `period` (of each of
    them) is a code of PERIODS.
    """

    booked: Payments
    balance: Minor
    coming: Payments
    payees: tuple[str, ...]
    purposes: tuple[str, ...]
    planned: Payments
    period: Rows


@dataclass(frozen=True)
class _Plan:
    """(people, months) each: what recurs in whole months; what of it comes and goes here."""

    recurring: Floats
    comes: Floats
    goes: Floats
    present: Floats


def spend(
    rng: np.random.Generator,
    rngs: tuple[np.random.Generator, np.random.Generator],
    household: Household,
    window: Window,
    noise: Noise,
) -> Money:
    """Every booking of the window, and the payments of the weeks after it.

    `rngs` are those of habits and of noise: neither changes what else is drawn.
    """
    of_habits, of_noise = rngs
    presence = _presence(household, window)
    firsts = calendar_months(window, AHEAD_DAYS)
    payees = Payees()
    flows = monthly_flows(rng, household, payees, firsts, window)
    purposes = tuple(dict.fromkeys([*(flow.purpose for flow in flows), *PURPOSES]))
    people, count = len(household), len(flows)
    habits = habitual(of_habits, household, payees, purposes, window, count * people)
    rows = joined([recurring(flows, purposes, firsts), habits])
    rows = priced(of_noise, rows, purposes, window, noise)
    planned = rows.where(presence.covers(rows.person, rows.day) | _after(presence, rows, window))
    told = booked_of(of_noise, rows.where(rows.day < window.until), payees, noise)
    booked = told.where(presence.covers(told.person, told.day))
    opening = _opening(rng, household, presence, window)
    plan = _Plan(
        _per_month(rows.where(rows.month < len(firsts)), people, len(firsts)),
        _per_month(booked.where(booked.amount > 0), people, len(firsts)),
        _per_month(booked.where(booked.amount < 0), people, len(firsts)),
        _share_present(presence, firsts),
    )
    totals = _card_totals(rng, plan, opening)
    cards = _cards(rng, totals, firsts, presence, payees)
    booked = in_order(joined([booked, cards]), window)
    return Money(
        booked,
        running_balance(booked, opening),
        _coming(rows, presence, window),
        tuple(payees.names),
        purposes,
        planned,
        _periods(planned, people, count),
    )


def _after(presence: Presence, rows: Payments, window: Window) -> Flags:
    """What is planned beyond the window, of those who are still here then."""
    here = presence.end[rows.person] == window.until
    here &= presence.first[rows.person] < window.until
    return cast("Flags", (rows.day >= window.until) & here)


def _periods(rows: Payments, people: int, flows: int) -> Rows:
    """The period of each payment, from the number of its series."""
    habit = rows.series // people - flows
    of_habit = np.array([PERIODS.index(one.period) for one in HABITS])
    monthly = PERIODS.index("monthly")
    return np.where(habit < 0, monthly, of_habit[np.maximum(habit, 0)])


def _presence(household: Household, window: Window) -> Presence:
    """Money comes and goes from the day after the first payment account to the last one's end."""
    taken = household.taken
    rows = np.isin(taken.product, [household.shelf.row(name) for name in PAID_THROUGH])
    person, opened = taken.person[rows], taken.opened[rows]
    closed = np.where(taken.closed[rows] == NEVER, window.until, taken.closed[rows])
    first = np.full(len(household), window.until, dtype=np.int32)
    end = np.full(len(household), window.start, dtype=np.int32)
    np.minimum.at(first, person, opened + 1)
    np.maximum.at(end, person, closed)
    return Presence(np.maximum(first, window.start).astype(np.int32), end)


def _coming(rows: Payments, presence: Presence, window: Window) -> Payments:
    """What is known to be due in the weeks after the window, by person and day."""
    here = presence.end[rows.person] == window.until
    # Whoever opened the account yesterday has not had a payment scheduled yet.
    here &= presence.first[rows.person] < window.until
    return scheduled(rows.where(here & (rows.day >= window.until)), window)


def scheduled(rows: Payments, window: Window) -> Payments:
    """Of `rows` what a bank knows ahead, up to AHEAD_DAYS after the window, by person and day."""
    known = rows.where(np.isin(rows.scheme, KNOWN_AHEAD) & (rows.day < window.until + AHEAD_DAYS))
    return known.where(np.lexsort((known.day, known.person)))


def _per_month(rows: Payments, people: int, months: int) -> Floats:
    """(people, months): the sum of the amounts."""
    sums = np.bincount(rows.person * months + rows.month, rows.amount, minlength=people * months)
    return sums.reshape(people, months).astype(np.float32)


def _ends(firsts: Days) -> Days:
    return np.append(firsts[1:], firsts[-1] + 31).astype(np.int32)


def _share_present(presence: Presence, firsts: Days) -> Floats:
    """(people, months): the share of a calendar month that is accounted for here."""
    ends = _ends(firsts)
    days = np.minimum(presence.end[:, None], ends) - np.maximum(presence.first[:, None], firsts)
    return cast("Floats", (np.maximum(days, 0) / (ends - firsts)).astype(np.float32))


def _opening(
    rng: np.random.Generator, household: Household, presence: Presence, window: Window
) -> Minor:
    """The balance before the first booking."""
    income = np.array(INCOME_MINOR)[household.lives.states[0].income] * household.skill
    reserve = income * rng.lognormal(-0.2, 0.7, len(household))
    new = OPENING_MINOR * rng.lognormal(0, 0.5, len(household))
    return np.where(presence.first > window.start, new, reserve).astype(np.int64)


def _card_totals(rng: np.random.Generator, plan: _Plan, opening: Minor) -> Floats:
    """(people, months): what goes by card: the rest of the income, and more from a full purse."""
    people, months = plan.recurring.shape
    thrift = rng.normal(THRIFT, THRIFT_SPREAD, (people,)).astype(np.float32)
    cushion = rng.lognormal(np.log(CUSHION), 0.6, (people,)).astype(np.float32)
    left = np.maximum(np.median(plan.recurring, axis=1), LEAST_LEFT_MINOR).astype(np.float32)
    balance = opening.astype(np.float32)
    totals = np.zeros_like(plan.recurring)
    for month in range(months):
        present = plan.present[:, month]
        noise = rng.lognormal(0, 0.15, (people,)).astype(np.float32)
        # Pay comes late in a month: until then, people live on what is there when it begins.
        purse = balance + plan.goes[:, month] - cushion * left
        meant = (thrift * left * noise + 0.3 * (purse - left)) * present
        totals[:, month] = np.maximum(np.minimum(meant, purse), 0.25 * left * present)
        balance += plan.comes[:, month] + plan.goes[:, month] - totals[:, month]
    return totals


def _cards(
    rng: np.random.Generator, totals: Floats, firsts: Days, presence: Presence, payees: Payees
) -> Payments:
    """Card payments that add up to about `totals` (people, months)."""
    often = rng.gamma(9.0, 1 / 9, len(totals)).astype(np.float32)
    counts = rng.poisson(CARDS_A_MONTH * often[:, None] * _share_present(presence, firsts))
    counts[totals < LEAST_CARD_MINOR] = 0
    cell = repeated(counts.ravel())
    person, month = cell // len(firsts), (cell % len(firsts)).astype(np.int8)
    shares, sizes = np.array(list(SHOPS.values()), dtype=np.float32).T
    bounds = np.cumsum(shares / shares.sum())[:-1]
    shop = np.searchsorted(bounds, rng.random(len(cell), dtype=np.float32))
    weight = np.exp(rng.standard_normal(len(cell), dtype=np.float32) / 2) * sizes[shop]
    part = weight / np.bincount(cell, weight, minlength=totals.size)[cell]
    amount = np.maximum((part * totals.ravel()[cell]).astype(np.int64), LEAST_CARD_MINOR)
    first = np.maximum(presence.first[person], firsts[month])
    days = np.minimum(presence.end[person], _ends(firsts)[month]) - first
    day = first + (rng.random(len(cell)) * days).astype(np.int32)
    return Payments(
        person,
        month,
        day,
        -amount,
        payees.codes(list(SHOPS))[shop],
        np.full(len(cell), CARD, np.int8),
        np.full(len(cell), NO_PURPOSE, np.int8),
        np.full(len(cell), NO_SERIES),
    )
