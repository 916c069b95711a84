"""How often we may speak to a person, and what a person's wishes weigh."""

from __future__ import annotations

from functools import cached_property

from pydantic import Field

from recommender.account import Frequency
from recommender.catalogue.base import Declared, Lever


class CoolDown(Declared):
    """Days a product rests after each answer."""

    dismissed: int = Field(default=7, ge=0)
    not_interested: int = Field(default=30, ge=0)
    declined: int = Field(default=30, ge=0)


class Cap(Declared):
    """At most so many contacts in any so many days."""

    days: int = Field(ge=1, le=366)
    most: int = Field(ge=0)


class ContactPolicy(Declared):
    """One budget across all channels, and how long a product rests after a no.

    `caps` are for windows besides the week; `per_product` is for each product by itself. Who asks
    to be contacted less has `less` times every cap, rounded down, but one at least.
    """

    marketing_per_week: int = Field(default=3, ge=0)
    caps: tuple[Cap, ...] = ()
    per_product: Cap | None = None
    less: float = Field(default=0.5, ge=0, le=1)
    cooldown_days: CoolDown = CoolDown()

    @cached_property
    def budget(self) -> tuple[Cap, ...]:
        """Every cap on contacts about anything."""
        return (Cap(days=7, most=self.marketing_per_week), *self.caps)

    @cached_property
    def allowances(self) -> dict[Frequency | None, tuple[int, ...]]:
        """How many contacts each cap of `budget` allows, by how often the person wants any."""
        return {
            frequency: tuple(self.most(cap, frequency) for cap in self.budget)
            for frequency in (None, *Frequency)
        }

    def most(self, cap: Cap, frequency: Frequency | None) -> int:
        """How many contacts `cap` allows to someone who wants to hear of us so often."""
        if frequency is None:
            return cap.most
        if frequency is Frequency.NONE:
            return 0
        return min(cap.most, max(1, int(cap.most * self.less)))

    @cached_property
    def counted_days(self) -> int:
        """How long a contact counts against the budget or makes a product rest, at most."""
        per_product = (self.per_product.days,) if self.per_product else ()
        answers = map(self.rests_days, CoolDown.model_fields)
        return max(*(cap.days for cap in self.budget), *per_product, *answers)

    def rests_days(self, answer: str) -> int:
        """How many days a product rests after this answer."""
        days: int = getattr(self.cooldown_days, answer)
        return days


class Wishes(Declared):
    """What a person's wish for more or less of something weighs in arbitration."""

    more: Lever = 2.0
    less: Lever = 0.5
