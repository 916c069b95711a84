"""An account as it stands at one moment: the facts that rules and features look at."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta

from recommender.account import Account
from recommender.days import Days
from recommender.happenings import last_day
from recommender.interests import levels_at
from recommender.journeys import Journeys, left
from recommender.money.ahead import HORIZON_DAYS
from recommender.rules.conditions import Happening
from recommender.rules.facts import Facts
from recommender.years import full_years

NONE: AbstractSet[str] = frozenset()

_HORIZON = timedelta(days=HORIZON_DAYS)


class Standing(Facts):
    """The facts of an account, of which what few rules ask is worked out when it is asked."""

    __slots__ = ("account", "at", "day", "days", "journeys")

    def __init__(  # all that the base has besides is worked out below
        self,
        account: Account,
        at: datetime,
        day: date,
        days: Days,
        journeys: Journeys | None,
        values: Mapping[str, object],
        half_life_days: float,
    ) -> None:
        self.account, self.at, self.journeys = account, at, journeys
        self.days, self.day = days, day
        self.values = values
        self.holds = held_on(account, day)
        self.domain_interest = levels_at(account.domain_interest, at, half_life_days)
        self.product_interest = levels_at(account.product_interest, at, half_life_days)
        cases = account.cases
        self.open_cases = frozenset([case.kind for case in cases if case.open_at(at)])
        self.projected_shortfall = _falls_short(account, day)

    @property
    def profiled(self) -> bool:
        return self.account.consent.personalisation

    def plain(self, content_from: int) -> bool:
        account = self.account
        if self.open_cases or (account.opinion and account.opinion.score < content_from):
            return False
        return not any(map(left, account.applications.values()))

    def stage(self, domain: str) -> str | None:
        if self.journeys is None:
            return None
        return self.journeys.stage(domain, self.account, self, self.at, self.day)

    @property
    def unfinished(self) -> AbstractSet[str]:
        if self.journeys is None or not self.account.applications:
            return NONE
        return frozenset(self.journeys.unfinished(self.account, self, self.at))

    @property
    def broken_promises(self) -> AbstractSet[str]:
        return frozenset(
            [
                case.kind
                for case in self.account.cases
                if case.owed_at(self.at)
                and case.promised_at is not None
                and case.promised_at <= self.at
            ]
        )

    @property
    def opinion(self) -> tuple[int, int] | None:
        known = self.account.opinion
        if known is None or known.at > self.at:
            return None
        return known.score, (self.day - self.days.of(known.at)).days

    @property
    def held_before(self) -> AbstractSet[str]:
        day = self.day
        ended = [one for one in self.account.holdings if one.closed_on and one.closed_on <= day]
        return frozenset([holding.product_id for holding in ended]) - self.holds

    @property
    def lowest_balance_minor(self) -> int | None:
        balance = self.account.balance_minor
        if balance is None:
            return None
        lowest = lowest_balance(self.account, self.day)
        return balance if lowest is None else min(balance, lowest[1])

    def days_since(self, happening: Happening, subject: str) -> int | None:
        last = last_day(self.account, happening, subject, self.at, self.days)
        return None if last is None else (self.day - last).days


def facts_at(
    account: Account,
    at: datetime,
    days: Days,
    half_life_days: float,
    journeys: Journeys | None = None,
) -> Facts:
    """The facts of `account` at `at` (aware UTC): what is unknown is absent or None.

    Ages and dates turn with the bank's `days`.

    Without `journeys` no stage of any is known.
    """
    day = days.of(at)
    values: dict[str, object] = dict(account.attributes)
    if account.birth_date is not None:
        values["age"] = full_years(account.birth_date, day)
    if account.joined_on is not None:
        values["tenure_years"] = full_years(account.joined_on, day)
    return Standing(account, at, day, days, journeys, values, half_life_days)


def held_on(account: Account, day: date) -> frozenset[str]:
    """The products open on `day`."""
    return frozenset(
        [
            one.product_id
            for one in account.holdings  # `open_on`, without a call for each
            if one.opened_on <= day and (one.closed_on is None or one.closed_on > day)
        ]
    )


def lowest_balance(account: Account, day: date) -> tuple[date, int] | None:
    """The first day within the horizon on which the balance is lowest, and that balance (minor).

    Rests on known payments only. None when the balance is unknown or nothing is coming.
    """
    if account.balance_minor is None:
        return None
    until = day + _HORIZON
    moved: dict[date, int] = {}
    for payment in account.coming:
        due_on = payment.due_on
        if day <= due_on <= until:
            moved[due_on] = moved.get(due_on, 0) + payment.amount_minor
    balance, lowest = account.balance_minor, None
    for due_on in sorted(moved):
        balance += moved[due_on]
        if lowest is None or balance < lowest[1]:
            lowest = (due_on, balance)
    return lowest


def _falls_short(account: Account, day: date) -> bool | None:
    if account.balance_minor is None:
        return None
    if account.ahead is not None:  # what an alert of it rests on, too
        return account.ahead.short(day, day + _HORIZON) is not None
    leaving = [one.amount_minor for one in account.coming if one.amount_minor < 0]
    if account.balance_minor + sum(leaving) >= 0:  # whenever they are due; most people's is
        return False
    lowest = lowest_balance(account, day)
    return lowest is not None and lowest[1] < 0
