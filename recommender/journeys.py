"""How far a person is in each life domain, from what is held, applied for and looked at.

    unaware -> aware -> considering -> applying -> owning -> loyal

A stage is derived whenever it is asked and never stored, so it cannot be out of date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from recommender.account import Account, Application
from recommender.years import full_years

if TYPE_CHECKING:
    from recommender.catalogue import Catalogue
    from recommender.rules.facts import Facts

UNAWARE, AWARE, CONSIDERING = "unaware", "aware", "considering"
APPLYING, OWNING, LOYAL = "applying", "owning", "loyal"


@dataclass(frozen=True, slots=True)
class Journeys:
    """The stages of one catalogue: `aware` and `considering` are bounds of interest."""

    products: Mapping[str, frozenset[str]]
    """By life domain."""
    repeatable: frozenset[str]
    aware: float
    considering: float
    applying: timedelta
    loyal_years: int

    @classmethod
    def of(cls, catalogue: Catalogue) -> Journeys:
        journey, levels = catalogue.journey, catalogue.interest.levels
        bounds = catalogue.interest.bounds
        aware, considering = journey.aware, journey.considering
        return cls(
            products={
                domain: frozenset(
                    name for name, item in catalogue.products.items() if item.domain == domain
                )
                for domain in catalogue.domains
            },
            repeatable=frozenset(
                name for name, item in catalogue.products.items() if item.repeatable
            ),
            aware=bounds[0] if aware is None else levels[aware],
            considering=bounds[len(bounds) // 2] if considering is None else levels[considering],
            applying=timedelta(days=journey.applying_days),
            loyal_years=journey.loyal_years,
        )

    def stage(
        self, domain: str, account: Account, facts: Facts, at: datetime, day: date
    ) -> str | None:
        """How far the account is at `at`, in the bank's `day`. None: it would rest on a profile
        that we may not read, or there is no such domain.
        """
        products = self.products.get(domain)
        if products is None:
            return None
        if account.applications and self._applying(products, account, facts, at):
            return APPLYING
        held = facts.holds & products
        if held:
            own = [one for one in account.holdings if one.product_id in held and one.open_on(day)]
            since = min(holding.opened_on for holding in own)
            return LOYAL if self._for_long(since, day) else OWNING
        if not account.consent.personalisation:
            return None
        interest = facts.domain_interest.get(domain, 0.0)
        if interest >= self.considering:
            return CONSIDERING
        return AWARE if interest >= self.aware else UNAWARE

    def _applying(
        self, products: AbstractSet[str], account: Account, facts: Facts, at: datetime
    ) -> bool:
        begun = [name for name in account.applications if name in products]
        return any(self._under_way(name, account, facts, at) for name in begun)

    def unfinished(self, account: Account, facts: Facts, at: datetime) -> Iterator[str]:
        """Products whose application was begun lately, and neither sent nor settled since."""
        for name, application in account.applications.items():
            if left(application) and self._under_way(name, account, facts, at):
                yield name

    def until(self, account: Account, at: datetime) -> Iterator[datetime]:
        """Instants after `at` at which time alone changes what is said here, but for midnight."""
        for application in account.applications.values():
            started_at = application.started_at
            if started_at is not None:
                ends = (started_at, started_at + self.applying)
                yield from (instant for instant in ends if instant > at)

    def _under_way(self, product: str, account: Account, facts: Facts, at: datetime) -> bool:
        application = account.applications.get(product)
        if application is None or application.started_at is None:
            return False
        if not application.started_at <= at < application.started_at + self.applying:
            return False
        taken_at = application.taken_at
        if taken_at is not None and taken_at >= application.started_at:
            return False
        return product not in facts.holds or product in self.repeatable

    def _for_long(self, since: date, day: date) -> bool:
        return full_years(since, day) >= self.loyal_years


def left(application: Application) -> bool:
    """Whether it was begun, and neither sent nor settled since."""
    started_at = application.started_at
    if started_at is None:
        return False
    later = (application.submitted_at, application.taken_at)
    return not any(at is not None and at >= started_at for at in later)
