"""The lookout: every declared kind of alert, ready to be looked for in an account."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from recommender.account import Account, AlertStatus
from recommender.alerts.cause import Cause, Outlook
from recommender.alerts.facts import FACTS, SITUATION, Fact, Most
from recommender.catalogue import AlertKind, Catalogue
from recommender.catalogue.alerts import SEVERITIES, zone_of
from recommender.conform import conform
from recommender.days import Days
from recommender.decision import Alert
from recommender.journeys import Journeys
from recommender.rules import Facts, Predicate, compile_condition
from recommender.situation import facts_at

FactsLater = Callable[[], Facts]
"""An account's facts, worked out when something asks for them."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One kind, compiled."""

    name: str
    kind: AlertKind
    fact: Fact
    when: Predicate | None
    ahead: timedelta

    @classmethod
    def of(cls, name: str, kind: AlertKind) -> Watch:
        when = None if kind.when is None else compile_condition(kind.when)
        return cls(name, kind, FACTS[kind.fact], when, timedelta(kind.within_days))

    def causes(self, account: Account, at: datetime, days: Days, facts: FactsLater) -> list[Cause]:
        """Those that this kind is about and that weigh enough."""
        today = days.of(at)
        until, least = today + self.ahead, self.kind.at_least_minor
        outlook = Outlook(at, today, until, days.zone, least)
        found = [cause for cause in self.fact.source(account, outlook) if self._is_about(cause)]
        # last, since whoever looks after alerts only knows the facts of few
        if found and self.when is not None and self.when(facts()) is not True:
            return []
        return found

    def _is_about(self, cause: Cause) -> bool:
        kind = self.kind
        return (
            (not kind.about or cause.about in kind.about)
            and (not kind.statuses or cause.status in kind.statuses)
            and cause.stake_minor >= kind.at_least_minor
            and (cause.counterparty is not None or not kind.names_somebody)
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """An alert that holds now, and its cause, whatever became of it before."""

    alert: Alert
    watch: Watch
    cause: Cause


@dataclass(frozen=True, eq=False)
class Lookout:
    """All kinds of one catalogue, the loudest first."""

    catalogue: Catalogue
    days: Days
    watches: dict[str, Watch]

    @classmethod
    def of(cls, catalogue: Catalogue) -> Lookout:
        watches = [Watch.of(name, kind) for name, kind in catalogue.alerts.items()]
        watches.sort(key=lambda watch: SEVERITIES.index(watch.kind.severity))
        days = Days(zone_of(catalogue.timezone))
        return cls(catalogue, days, {watch.name: watch for watch in watches})

    @cached_property
    def _journeys(self) -> Journeys:
        return Journeys.of(self.catalogue)

    @cached_property
    def _by_most(self) -> tuple[tuple[Most, int, tuple[Watch, ...]], ...]:
        """The watches that look at the same in an account, and from how much on any of them does.

        Nothing is less than 0, not even what has no amount.
        """
        together: dict[Most, list[Watch]] = {}
        for watch in self.watches.values():
            together.setdefault(watch.fact.most, []).append(watch)
        return tuple(
            (most, min(watch.kind.at_least_minor for watch in watches), tuple(watches))
            for most, watches in together.items()
        )

    @cached_property
    def conditional(self) -> bool:
        """Whether a kind rests on a condition alone, which time may make True for anybody."""
        return any(watch.kind.fact == SITUATION for watch in self.watches.values())

    def findings(self, account: Account, facts: FactsLater, at: datetime) -> list[Finding]:
        """Every alert whose cause is there at `at` (aware UTC), the loudest and soonest first.

        `account` and `facts` are as they may be read: see `readable`.
        """
        found: list[Finding] = []
        for most, least, watches in self._by_most:
            bound = most(account)
            if bound is None or bound < least:
                continue
            for watch in watches:
                for cause in watch.causes(account, at, self.days, facts):
                    alert = self._alert(account.account_id, watch, cause)
                    found.append(Finding(alert, watch, cause))
        if len(found) > 1:
            found.sort(key=_loudest_and_soonest)
        return found

    def readable(self, account: Account, at: datetime) -> tuple[Account, FactsLater]:
        """What may be read of an account for its alerts, as `decide` reads it, and its facts."""
        if account.declares != self.catalogue.declares:
            account = conform(account, self.catalogue)
        if not account.consent.personalisation:
            account = account.without_profile()
        return account, _Facts(self, account, at)

    def facts(self, account: Account, at: datetime) -> Facts:
        """`account` must be as it may be read."""
        half_life_days = self.catalogue.interest.half_life_days
        return facts_at(account, at, self.days, half_life_days, self._journeys)

    def _alert(self, account_id: str, watch: Watch, cause: Cause) -> Alert:
        return Alert(
            alert_id=alert_id(account_id, watch.name, cause.key),
            kind=watch.name,
            severity=watch.kind.severity,
            status=AlertStatus.RAISED,
            raised_at=None,
            due_on=None if cause.day is None else cause.day.isoformat(),
            amount_minor=cause.amount_minor,
            shortfall_minor=cause.shortfall_minor,
            currency=self.catalogue.currency,
            counterparty=cause.counterparty,
            about=cause.about or None,
            evidence=cause.evidence,
            remedy=watch.kind.remedy,
            before_minor=cause.before_minor,
        )


class _Facts:
    """`FactsLater`, worked out once. Most accounts' are never asked for, so it costs little."""

    __slots__ = ("_account", "_at", "_known", "_lookout")

    def __init__(self, lookout: Lookout, account: Account, at: datetime) -> None:
        self._lookout, self._account, self._at = lookout, account, at
        self._known: Facts | None = None

    def __call__(self) -> Facts:
        if self._known is None:
            self._known = self._lookout.facts(self._account, self._at)
        return self._known


def alert_id(account_id: str, kind: str, key: str) -> str:
    """The same for the same cause, on every machine and on every day: 20 hex digits."""
    cause = f"{account_id}/{kind}/{key}"
    return hashlib.blake2b(cause.encode(), digest_size=10).hexdigest()


def _loudest_and_soonest(finding: Finding) -> tuple[int, str, str]:
    alert = finding.alert
    return (SEVERITIES.index(alert.severity), alert.due_on or "9999", alert.alert_id)
