"""What each product of the demo bank answers, who can have it, and what it goes with.

This is the world's own knowledge, not the catalogue's rules: a bank guesses these things.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from training.world.draws import Flags, Floats
from training.world.state import (
    FAMILY,
    HIGH,
    LOW,
    MIDDLE,
    OWNS,
    RENTS,
    RETIRED,
    SELF_EMPLOYED,
    STUDENT,
    WITH_PARENTS,
    State,
)


@dataclass(frozen=True)
class Person:
    """n people at one moment, as `fits` sees them."""

    state: State
    age: Floats

    @property
    def adult(self) -> Flags:
        return self.age >= 18


Fits = Callable[[Person], Flags]


@dataclass(frozen=True)
class Product:
    """`rarity`: how far its log odds of being taken in a month lie below those of its needs.

    `after` raises the log odds for who holds that product, `instead_of` rules it out for them.
    `needs_one_of`: taken only by who holds one of these.
    """

    answers: Mapping[str, float]
    rarity: float
    fits: Fits
    after: Mapping[str, float] = field(default_factory=dict)
    instead_of: tuple[str, ...] = ()
    needs_one_of: tuple[str, ...] = ()


def _adult(person: Person) -> Flags:
    return person.adult


def _earning(person: Person) -> Flags:
    return person.adult & person.state.earns


def _student(person: Person) -> Flags:
    return cast("Flags", (person.state.occupation == STUDENT) & (person.age < 30))


def _adult_student(person: Person) -> Flags:
    return _student(person) & person.adult


def _entrepreneur(person: Person) -> Flags:
    return cast("Flags", person.adult & (person.state.occupation == SELF_EMPLOYED))


def _parent(person: Person) -> Flags:
    return cast(
        "Flags", person.adult & (person.state.children > 0) & (person.state.household == FAMILY)
    )


def _own_door(person: Person) -> Flags:
    return cast("Flags", person.adult & (person.state.household != WITH_PARENTS))


def _renter(person: Person) -> Flags:
    return cast("Flags", person.adult & (person.state.housing == RENTS))


def _owner(person: Person) -> Flags:
    return cast("Flags", person.adult & (person.state.housing == OWNS))


def _partnered(person: Person) -> Flags:
    return person.adult & person.state.partnered


def _can_buy(person: Person) -> Flags:
    working = person.state.works & (person.state.income >= MIDDLE)
    return working & (person.age >= 21) & (person.age < 66)


def _well_paid(person: Person) -> Flags:
    return person.adult & (person.state.income >= MIDDLE)


PRODUCTS: Final[Mapping[str, Product]] = {
    # everyday money
    "student_account": Product(
        {"payments": 0.6, "learning": 0.7}, 4.6, _student, instead_of=("current_account",)
    ),
    "current_account": Product(
        {"payments": 1.3}, 5.2, lambda p: p.adult & ~_student(p), after={"student_account": 1.4}
    ),
    "joint_account": Product(
        {"payments": 0.9, "family": 0.5},
        6.2,
        _partnered,
        needs_one_of=("current_account", "student_account"),
    ),
    "credit_card": Product(
        {"spending": 0.6, "leisure": 0.8}, 6.2, _earning, after={"current_account": 0.4}
    ),
    "overdraft": Product(
        {"spending": 1.4}, 6.6, _earning, needs_one_of=("current_account", "student_account")
    ),
    "premium_package": Product(
        {"leisure": 0.6, "payments": 0.7, "growth": 0.3},
        7.3,
        _well_paid,
        after={"credit_card": 0.6},
        needs_one_of=("current_account",),
    ),
    # saving
    "savings_account": Product(
        {"buffer": 1.3},
        4.9,
        lambda p: p.age >= 16,
        after={"student_account": 1.0, "current_account": 0.7},
    ),
    "saving_goal": Product(
        {"buffer": 1.0, "leisure": 0.4}, 5.5, lambda p: p.age >= 16, after={"savings_account": 0.5}
    ),
    "term_deposit": Product(
        {"buffer": 0.6, "later": 0.5, "growth": 0.4},
        6.8,
        lambda p: p.adult & (p.state.income >= LOW) & (p.age >= 25),
        after={"savings_account": 0.7},
    ),
    "investment_account": Product(
        {"growth": 1.5}, 6.5, _earning, after={"savings_account": 0.4, "term_deposit": 0.4}
    ),
    # study
    "student_insurance": Product(
        {"learning": 0.6, "security": 0.6}, 5.4, _adult_student, after={"student_account": 0.5}
    ),
    "study_abroad_package": Product({"learning": 0.7, "leisure": 1.0}, 6.4, _adult_student),
    "student_device_insurance": Product(
        {"learning": 0.6, "security": 0.3}, 5.0, _student, after={"student_account": 0.4}
    ),
    # mobility
    "car_insurance": Product(
        {"mobility": 1.1, "security": 0.3},
        5.6,
        lambda p: p.adult & p.state.has_car,
        after={"car_loan": 1.0},
    ),
    "car_loan": Product({"mobility": 1.4, "spending": 0.5}, 7.2, _earning),
    "travel_insurance": Product({"leisure": 1.3, "security": 0.2}, 5.6, _adult),
    "bike_insurance": Product({"mobility": 1.0, "learning": 0.3}, 5.7, lambda p: p.age < 70),
    "lease_bike": Product(
        {"mobility": 1.4}, 7.0, lambda p: p.adult & p.state.works, instead_of=("bike_insurance",)
    ),
    # housing
    "mortgage": Product({"shelter": 1.9}, 8.4, _can_buy, after={"savings_account": 0.3}),
    "home_contents_insurance": Product(
        {"shelter": 0.8, "security": 0.6}, 6.2, _own_door, after={"mortgage": 0.6}
    ),
    "building_insurance": Product(
        {"shelter": 0.8, "security": 0.5}, 6.2, _owner, after={"mortgage": 1.4}
    ),
    "renovation_loan": Product(
        {"shelter": 1.1, "spending": 0.7}, 7.6, lambda p: _owner(p) & p.state.earns
    ),
    "tenant_deposit_guarantee": Product({"shelter": 1.4}, 6.3, _renter, instead_of=("mortgage",)),
    "energy_contract": Product(
        {"shelter": 1.1}, 6.0, _own_door, after={"home_contents_insurance": 0.3}
    ),
    # family
    "kids_savings": Product(
        {"family": 1.0, "buffer": 0.5}, 5.7, _parent, after={"savings_account": 0.3}
    ),
    "kids_account": Product(
        {"family": 0.9, "payments": 0.5}, 5.9, _parent, after={"kids_savings": 0.7}
    ),
    "life_insurance": Product(
        {"family": 0.7, "security": 0.7, "shelter": 0.3},
        7.2,
        lambda p: _partnered(p) & (p.age < 65),
        after={"mortgage": 0.9},
    ),
    "family_liability_insurance": Product(
        {"family": 0.6, "security": 0.9}, 5.9, _own_door, after={"home_contents_insurance": 0.5}
    ),
    # work
    "business_account": Product({"enterprise": 1.5}, 5.0, _entrepreneur),
    "business_liability_insurance": Product(
        {"enterprise": 0.8, "security": 0.8}, 6.0, _entrepreneur, after={"business_account": 0.6}
    ),
    "disability_insurance": Product(
        {"security": 1.0, "enterprise": 0.7}, 6.9, lambda p: p.adult & p.state.works & (p.age < 60)
    ),
    "business_loan": Product(
        {"enterprise": 1.0, "spending": 0.8},
        7.0,
        lambda p: _entrepreneur(p) & p.state.earns,
        needs_one_of=("business_account",),
    ),
    "accounting_software": Product(
        {"enterprise": 1.2}, 5.9, _entrepreneur, after={"business_account": 0.8}
    ),
    "payment_terminal": Product(
        {"enterprise": 1.0, "payments": 0.5}, 6.2, _entrepreneur, needs_one_of=("business_account",)
    ),
    # later life
    "pension_plan": Product(
        {"later": 1.3, "growth": 0.3},
        6.0,
        lambda p: p.state.works & (p.age >= 25) & (p.age < 66),
        after={"investment_account": 0.3},
    ),
    "annuity": Product({"later": 1.3}, 6.9, lambda p: p.age >= 60, after={"pension_plan": 0.9}),
    "funeral_insurance": Product({"later": 0.9, "security": 0.5}, 6.4, lambda p: p.age >= 45),
    "estate_planning": Product(
        {"later": 1.1, "family": 0.4},
        7.2,
        lambda p: (p.age >= 55) & ((p.state.income == HIGH) | (p.state.housing == OWNS)),
        after={"funeral_insurance": 0.5},
    ),
}

OUTLIVED: Final[Mapping[str, Fits]] = {
    "student_account": lambda p: p.state.occupation != STUDENT,
    "student_insurance": lambda p: p.state.occupation != STUDENT,
    "student_device_insurance": lambda p: p.state.occupation != STUDENT,
    "study_abroad_package": lambda p: p.state.occupation != STUDENT,
    "car_insurance": lambda p: ~p.state.has_car,
    "lease_bike": lambda p: p.state.occupation == RETIRED,
    "tenant_deposit_guarantee": lambda p: p.state.housing != RENTS,
    "building_insurance": lambda p: p.state.housing != OWNS,
    "business_account": lambda p: p.state.occupation != SELF_EMPLOYED,
    "business_liability_insurance": lambda p: p.state.occupation != SELF_EMPLOYED,
    "accounting_software": lambda p: p.state.occupation != SELF_EMPLOYED,
    "payment_terminal": lambda p: p.state.occupation != SELF_EMPLOYED,
    "joint_account": lambda p: ~p.state.partnered,
}
"""For whom a product has lost its use: most of them drop it soon."""
