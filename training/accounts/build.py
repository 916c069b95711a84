"""Building accounts: each as known just before an instant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from recommender.account import Account, Consent, Interest, Value
from recommender.catalogue import Attribute, Catalogue
from recommender.tables import (
    ACCOUNT_ID,
    BIRTH_DATE,
    CHANNEL_PREFERENCE,
    CONSENT_MARKETING,
    CONSENT_PERSONALISATION,
    JOINED_ON,
    LANGUAGE,
)
from training.accounts.cases import cases
from training.accounts.columns import days, texts
from training.accounts.contacts import contacts
from training.accounts.holdings import held
from training.accounts.money import Money
from training.accounts.preferences import asked
from training.accounts.records import Booked, coming, instant
from training.accounts.steps import applications, opinions
from training.snapshots.context import Floats, attributes_at
from training.snapshots.interest import interests_at
from training.snapshots.moments import Moments
from training.tables import Tables

NEGLIGIBLE = 0.001
"""Interest below this is forgotten: a page view weighs 1, and names of levels begin near that."""


NONE: Final = Money({}, {}, None)


def build_accounts(
    tables: Tables, catalogue: Catalogue, at: datetime, money: Money = NONE
) -> Iterator[Account]:
    """Every account as known just before `at` (aware), in the order of `tables.accounts`.

    What is dated at `at` or later is not there, and what was closed later is open; the tables'
    consents have no history and are today's; what an event said of one outweighs them.
    Amounts are those in the catalogue's currency. `money` is what their bookings say; without it
    only known payments are ahead of them.
    Attributes that are for audit only stay behind: serving has no use for them. Interests are
    built only for those who consented to personalisation: from others nothing is inferred, and
    nothing from what anybody looked at without it.
    """
    people = tables.accounts
    count = len(people)
    now = instant(at)
    moments, _ = Moments.of(np.arange(count), np.full(count, now))
    interest = interests_at(tables, catalogue, moments)
    wishes = asked(tables.events, _consents(people), now)
    booked = money.booked
    if booked is None:
        booked = Booked(catalogue, at)
        booked.add(tables.transactions)
    personal = np.array([one.consent.personalisation for one in wishes], dtype=bool)[:, None]
    columns = {
        "account_id": people[ACCOUNT_ID].tolist(),
        "birth_date": days(people[BIRTH_DATE]),
        "joined_on": days(people[JOINED_ON]),
        "language": texts(people[LANGUAGE]),
        "channel_preference": texts(people[CHANNEL_PREFERENCE]),
        "consent": [one.consent for one in wishes],
        "preferences": [one.preferences for one in wishes],
        "changed_at": [one.changed_at for one in wishes],
        "attributes": _attributes(attributes_at(tables, catalogue, moments), catalogue, count),
        "holdings": held(tables, catalogue, now, count),
        "domain_interest": _interests(interest.domain * personal, tuple(catalogue.domains), at),
        "product_interest": _interests(interest.product * personal, tuple(catalogue.products), at),
        "contacts": contacts(tables.events, catalogue, now, count),
        "cases": cases(tables, catalogue, now, count),
        "balance_minor": booked.balances,
        "booked_until": booked.until,
        "applications": applications(tables.events, catalogue, now, count),
        "opinion": opinions(tables.events, now, count),
        "coming": coming(tables.scheduled_payments, catalogue, now, count),
        "ahead": [money.ahead_of(account_id) for account_id in people[ACCOUNT_ID]],
        "finances": [money.finances.get(account_id, b"") for account_id in people[ACCOUNT_ID]],
    }
    for values in zip(*columns.values(), strict=True):
        known = dict(zip(columns, values, strict=True))
        yield Account(**known, declares=catalogue.declares)


def _consents(people: pd.DataFrame) -> list[Consent]:
    given = (people[name].tolist() for name in (CONSENT_PERSONALISATION, CONSENT_MARKETING))
    return [Consent(*both) for both in zip(*given, strict=True)]


def _attributes(
    numbers: dict[str, Floats], catalogue: Catalogue, count: int
) -> list[dict[str, Value]]:
    """Known values by name; what is unknown has no key."""
    known: list[dict[str, Value]] = [{} for _ in range(count)]
    for name, attribute in catalogue.attributes.items():
        if attribute.uses == ("audit",):
            continue
        rows = np.flatnonzero(~np.isnan(numbers[name]))
        for row, number in zip(rows.tolist(), numbers[name][rows].tolist(), strict=True):
            known[row][name] = _value(int(number), attribute)
    return known


def _value(number: int, attribute: Attribute) -> Value:
    if attribute.type == "category":
        return attribute.values[number]
    return bool(number) if attribute.type == "boolean" else number


def _interests(levels: Floats, keys: tuple[str, ...], at: datetime) -> list[dict[str, Interest]]:
    known: list[dict[str, Interest]] = [{} for _ in range(len(levels))]
    rows, columns = np.nonzero(levels >= NEGLIGIBLE)
    found = zip(rows.tolist(), columns.tolist(), levels[rows, columns].tolist(), strict=True)
    for row, column, level in found:
        known[row][keys[column]] = Interest(level, at)
    return known
