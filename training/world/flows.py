"""What recurs each month: pay, grants and pensions; rent, energy, premiums and saving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.world import names
from training.world.draws import Codes, Flags, Floats
from training.world.lives import Lives
from training.world.shelf import Shelf
from training.world.state import (
    EMPLOYED,
    OWNS,
    RENTS,
    RETIRED,
    SELF_EMPLOYED,
    STUDENT,
    UNEMPLOYED,
    WITH_PARENTS,
)
from training.world.taking import NEVER, Taken
from training.world.window import Days, Window

INCOME_MINOR: Final = (42_000, 152_000, 268_000, 455_000)
"""Net a month, by income band, in the middle."""

PREMIUM_MINOR: Final = {
    "student_insurance": 600,
    "student_device_insurance": 450,
    "car_insurance": 5_200,
    "travel_insurance": 700,
    "bike_insurance": 900,
    "home_contents_insurance": 1_100,
    "building_insurance": 2_400,
    "life_insurance": 1_900,
    "family_liability_insurance": 500,
    "business_liability_insurance": 2_100,
    "disability_insurance": 9_500,
    "funeral_insurance": 1_300,
    "accounting_software": 1_900,
    "car_loan": 19_000,
    "lease_bike": 6_500,
    "pension_plan": 12_000,
}
"""What a product costs a month while it is held."""

SCHEMES: Final = ("salary", "transfer", "standing_order", "direct_debit", "card")
SALARY, TRANSFER, STANDING_ORDER, DIRECT_DEBIT, CARD = range(5)


class Payees:
    """Names to codes, in the order in which they are first needed."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}

    def codes(self, texts: Sequence[str]) -> NDArray[np.int16]:
        return np.array([self.names.setdefault(text, len(self.names)) for text in texts], np.int16)


@dataclass(frozen=True)
class Flow:
    """One kind of payment of n people. `active` and `amount` (signed) are (calendar months, n)."""

    scheme: int
    purpose: str
    active: Flags
    amount: NDArray[np.int32]
    payee: NDArray[np.int16]
    day_of_month: Codes


@dataclass(frozen=True)
class Household:
    """The money side of n people. `skill` scales the income of their band, 1 in the middle."""

    lives: Lives
    shelf: Shelf
    taken: Taken
    skill: Floats

    def __len__(self) -> int:
        return len(self.skill)

    def held_on(self, product: str, day: int) -> Flags:
        taken = self.taken
        rows = (taken.product == self.shelf.row(product)) & (taken.opened <= day)
        rows &= (taken.closed == NEVER) | (taken.closed > day)
        held = np.zeros(len(self), dtype=np.bool_)
        held[taken.person[rows]] = True
        return held


@dataclass(frozen=True)
class _Months:
    """Lives by calendar month, as far as the window tells: (calendar months, n) each."""

    firsts: Days
    occupation: Codes
    household: Codes
    housing: Codes
    income: Floats

    @classmethod
    def of(cls, household: Household, firsts: Days, window: Window) -> _Months:
        # What is scheduled after the window follows from life as it is at its end.
        when = np.clip(window.month_of(firsts), 0, window.months)
        states = [household.lives.states[month] for month in when]
        bands = np.stack([state.income for state in states])
        return cls(
            firsts,
            np.stack([state.occupation for state in states]),
            np.stack([state.household for state in states]),
            np.stack([state.housing for state in states]),
            (np.array(INCOME_MINOR)[bands] * household.skill).astype(np.float32),
        )


class _Flows:
    """Flows as they are drawn up, one after the other."""

    def __init__(self, rng: np.random.Generator, payees: Payees) -> None:
        self._rng = rng
        self._payees = payees
        self.all: list[Flow] = []

    def add(
        self,
        scheme: int,
        purpose: str,
        payees: Sequence[str],
        active: Flags,
        amount: NDArray[np.floating],
        days: tuple[int, int],
    ) -> None:
        """Each person has one of `payees` and one day of the month, from `days` (inclusive)."""
        people = active.shape[1]
        codes = self._payees.codes(payees)
        self.all.append(
            Flow(
                scheme,
                purpose,
                active,
                np.broadcast_to(amount, active.shape).astype(np.int32),
                codes[self._rng.integers(0, len(codes), people)],
                self._rng.integers(days[0], days[1] + 1, (people,)).astype(np.int8),
            )
        )

    def between(self, low: int, high: int, people: int) -> NDArray[np.floating]:
        """An amount that leaves each account, in minor units."""
        return -self._rng.uniform(low, high, people)

    def some(self, share: float, people: int) -> Flags:
        return self._rng.random(people) < share


def monthly_flows(
    rng: np.random.Generator, household: Household, payees: Payees, firsts: Days, window: Window
) -> list[Flow]:
    """All that recurs, what comes in first."""
    months = _Months.of(household, firsts, window)
    flows = _Flows(rng, payees)
    _incomes(rng, flows, months)
    _living(flows, months)
    _products(flows, household, months)
    return flows.all


def _incomes(rng: np.random.Generator, flows: _Flows, months: _Months) -> None:
    works, income = months.occupation, months.income
    flows.add(SALARY, "Salary", names.EMPLOYERS, works == EMPLOYED, income, (23, 28))
    flows.add(TRANSFER, "Study grant", names.GRANTS, works == STUDENT, income, (20, 24))
    flows.add(TRANSFER, "Benefit", names.BENEFITS, works == UNEMPLOYED, income, (12, 18))
    flows.add(TRANSFER, "Pension", names.PENSIONS, works == RETIRED, income, (21, 25))
    # Invoices are paid when they are paid, and never the same amount.
    for client in names.CLIENTS:
        paid = (works == SELF_EMPLOYED) & (rng.random(works.shape) < 0.75)
        invoice = income * 0.45 * rng.lognormal(0, 0.3, works.shape)
        flows.add(TRANSFER, "Invoice", (client,), paid, invoice, (2, 27))


def _living(flows: _Flows, months: _Months) -> None:
    people = months.income.shape[1]
    usual = np.median(months.income, axis=0)
    own_door = months.household != WITH_PARENTS
    everyone = np.ones_like(own_door)
    rents, owns = months.housing == RENTS, months.housing == OWNS
    rent = -(14_000 + 0.24 * usual)
    costs = -np.where(months.occupation == RETIRED, 0.08, 0.22) * usual
    flows.add(STANDING_ORDER, "Rent", names.LANDLORDS, rents, rent, (1, 4))
    flows.add(DIRECT_DEBIT, "Housing costs", names.HOUSING_COSTS, owns, costs, (1, 3))
    bills = (
        ("Energy", names.ENERGY, own_door, (6_000, 13_000), (10, 18)),
        ("Phone and internet", names.TELECOM, everyone, (1_500, 4_500), (5, 26)),
        ("Local taxes", names.TAXES, own_door, (1_800, 4_500), (27, 28)),
        (
            "Subscription",
            names.STREAMING,
            everyone & flows.some(0.6, people),
            (900, 1_600),
            (1, 28),
        ),
        ("Subscription", names.SPORTS, everyone & flows.some(0.3, people), (2_000, 4_500), (1, 6)),
    )
    for purpose, payees, active, bounds, days in bills:
        amount = flows.between(*bounds, people)
        flows.add(DIRECT_DEBIT, purpose, payees, active, amount, days)


def _products(flows: _Flows, household: Household, months: _Months) -> None:
    def held(product: str) -> Flags:
        return np.stack([household.held_on(product, int(day)) for day in months.firsts])

    saved = -0.06 * np.median(months.income, axis=0)
    saves = held("savings_account")
    flows.add(STANDING_ORDER, "Saving", names.OWN_SAVINGS, saves, saved, (25, 28))
    for product, premium in PREMIUM_MINOR.items():
        amount = flows.between(int(0.7 * premium), int(1.3 * premium), len(household))
        flows.add(DIRECT_DEBIT, "Premium", names.OWN_BANK, held(product), amount, (1, 28))


def households(rng: np.random.Generator, lives: Lives, shelf: Shelf, taken: Taken) -> Household:
    skill = rng.lognormal(0, 0.15, len(lives)).astype(np.float32)
    return Household(lives, shelf, taken, skill)
