"""The well-known people's rows for each table, from what is written in `people`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd

from recommender import tables
from recommender.tables import CaseKind, EventKind, context_change
from training.world import records
from training.world.cases import PROMISED_DAYS
from training.world.needs import felt, rest_needs
from training.world.products import Person
from training.world.shelf import Shelf
from training.world.state import HOUSEHOLDS, HOUSINGS, INCOME_BANDS, OCCUPATIONS, State
from training.world.taking import Market
from training.world.wellknown import Session, WellKnown
from training.world.window import MOST_MONTHS, shifted

KNOWN_AHEAD = ("standing_order", "direct_debit")

Row = dict[str, Any]

BIRTHDAY_AGO_DAYS = 40
"""Their last birthday; no age hangs on the day of the demo."""


def portrait_frames(
    people: tuple[WellKnown, ...],
    domain_of: Mapping[str, str],
    currency: str,
    start: date,
    until: date,
) -> dict[str, pd.DataFrame]:
    """Rows of `people` for each table, in the order of time; texts, dates and instants as such.

    Only what lies in [start, until) is told of sessions, changes and bookings.
    """
    rows = {
        tables.ACCOUNTS: [_account(person, until) for person in people],
        tables.HOLDINGS: [row for person in people for row in _holdings(person, until)],
        tables.EVENTS: [row for person in people for row in _events(person, domain_of, until)],
        tables.TRANSACTIONS: [
            row for person in people for row in _bookings(person, currency, start, until)
        ],
        tables.SCHEDULED_PAYMENTS: [
            row for person in people for row in _scheduled(person, currency, until)
        ],
        tables.CASES: [row for person in people for row in _cases(person, until)],
    }
    frames = {table.name: pd.DataFrame(found) for table, found in rows.items()}
    events = frames[tables.EVENTS.name]
    began = datetime.combine(start, time())
    frames[tables.EVENTS.name] = events[events[tables.AT] >= began].reset_index(drop=True)
    return frames


def portrait_truth(people: tuple[WellKnown, ...], goods: Shelf) -> pd.DataFrame:
    """Their acceptance of each product, as far as life and holdings explain it."""
    state = State(
        occupation=np.array([OCCUPATIONS.index(one.occupation) for one in people], np.int8),
        household=np.array([HOUSEHOLDS.index(one.household) for one in people], np.int8),
        housing=np.array([HOUSINGS.index(one.housing) for one in people], np.int8),
        income=np.array([INCOME_BANDS.index(one.income_band) for one in people], np.int8),
        children=np.array([one.children for one in people], np.int8),
        has_car=np.array([one.has_car for one in people]),
    )
    age = np.array([one.age for one in people], np.float32)
    held = np.array([[name in one.holds for name in goods.names] for one in people])
    no_whims = Market(goods, np.zeros(held.shape, np.float32))
    needs = felt(rest_needs(state, age))
    acceptance = no_whims.acceptance(needs, Person(state, age), held)
    return records.truth([one.account_id for one in people], goods.names, acceptance)


def portrait_series(people: tuple[WellKnown, ...], start: date, until: date) -> pd.DataFrame:
    """What recurs for them: all that they are told to pay or get by month or week."""
    return pd.DataFrame([row for person in people for row in _series(person, start, until)])


def _series(person: WellKnown, start: date, until: date) -> Iterator[Row]:
    first = max(start, until - timedelta(days=person.joined_days_ago - 1))
    for one in person.monthly:
        since = until - timedelta(days=one.since_days_ago) if one.since_days_ago else first
        coming = until + timedelta(days=one.in_days)
        days = sorted(day for day in _monthly(coming) if max(first, since) <= day < until)
        yield from _recurs(
            person, one.counterparty, one.scheme, "monthly", one.amount_minor, days, coming
        )
    for weekly in person.weekly:
        ahead = (weekly.weekday - until.weekday()) % 7
        coming = until + timedelta(days=ahead)
        weeks = (coming - first).days // 7
        days = [coming - timedelta(weeks=back) for back in range(weeks, 0, -1)]
        yield from _recurs(
            person, weekly.counterparty, "card", "weekly", weekly.amount_minor, days, coming
        )


def _recurs(
    person: WellKnown,
    counterparty: str,
    scheme: str,
    period: str,
    amount_minor: int,
    days: list[date],
    due: date,
) -> Iterator[Row]:
    if days:
        yield {
            tables.ACCOUNT_ID: person.account_id,
            tables.COUNTERPARTY: counterparty,
            tables.SCHEME: scheme,
            "period": period,
            tables.AMOUNT_MINOR: amount_minor,
            "varies": False,
            "previous_amount_minor": None,
            "price_changed_on": None,
            "started_on": days[0],
            "ended_on": None,
            "next_due_on": due,
            "executions": len(days),
        }


def _account(person: WellKnown, until: date) -> Row:
    birthday = until - timedelta(days=BIRTHDAY_AGO_DAYS)
    return {
        tables.ACCOUNT_ID: person.account_id,
        tables.BIRTH_DATE: birthday.replace(
            year=birthday.year - person.age, day=min(birthday.day, 28)
        ),
        tables.JOINED_ON: until - timedelta(days=person.joined_days_ago),
        tables.LANGUAGE: person.language,
        tables.CHANNEL_PREFERENCE: person.channel,
        tables.CONSENT_PERSONALISATION: person.consents,
        tables.CONSENT_MARKETING: person.consents,
        "occupation": person.occupation,
        "household": person.household,
        "housing": person.housing,
        "income_band": person.income_band,
        "children": person.children,
        "has_car": person.has_car,
        "region": person.region,
        "gender": person.gender,
    }


def _holdings(person: WellKnown, until: date) -> Iterator[Row]:
    for product, days_ago in person.holds.items():
        yield {
            tables.ACCOUNT_ID: person.account_id,
            tables.PRODUCT_ID: product,
            tables.OPENED_ON: until - timedelta(days=days_ago),
            tables.CLOSED_ON: None,
            tables.ENDS_ON: None,
        }


def _events(person: WellKnown, domain_of: Mapping[str, str], until: date) -> Iterator[Row]:
    def event(days_ago: int, hour: int, kind: EventKind, **columns: object) -> Row:
        day = until - timedelta(days=days_ago)
        return {
            tables.ACCOUNT_ID: person.account_id,
            tables.AT: datetime.combine(day, time(hour)),
            tables.KIND: str(kind),
            tables.PRODUCT_ID: None,
            tables.DOMAIN: None,
            tables.CHANNEL: person.channel,
            tables.VALUE: None,
            **columns,
        }

    for session in person.sessions:
        for place, (kind, product, domain) in enumerate(_pages(session, domain_of)):
            row = event(session.days_ago, 19, kind, product_id=product, domain=domain)
            row[tables.AT] += timedelta(minutes=2 * place)
            row[tables.CHANNEL] = session.channel
            yield row
    for product, days_ago in person.holds.items():
        yield event(days_ago, 16, EventKind.TAKEN, product_id=product, domain=domain_of[product])
    for change in person.changes:
        value = context_change(
            change.attribute, change.before, str(getattr(person, change.attribute))
        )
        yield event(change.days_ago, 9, EventKind.CONTEXT_CHANGE, value=value)
    if person.complaint_days_ago is not None:
        yield event(person.complaint_days_ago, 11, EventKind.COMPLAINT_OPENED)


def _pages(
    session: Session, domain_of: Mapping[str, str]
) -> Iterator[tuple[EventKind, str | None, str]]:
    for page in session.pages:
        searched, _, subject = page.rpartition(":")
        kind = EventKind.SEARCH if searched else EventKind.PAGE_VIEW
        if subject in domain_of:
            yield kind, subject, domain_of[subject]
        else:
            yield kind, None, subject


def _bookings(person: WellKnown, currency: str, start: date, until: date) -> Iterator[Row]:
    """Their transactions, with a balance that ends where they stand now."""
    first = max(start, until - timedelta(days=person.joined_days_ago - 1))
    due_on = {one: _monthly(until + timedelta(days=one.in_days)) for one in person.monthly}
    booked: list[tuple[date, int, str, str, str | None]] = []
    for ago in range((until - first).days, 0, -1):
        day = until - timedelta(days=ago)
        booked += [
            (day, one.amount_minor, one.counterparty, one.scheme, one.purpose)
            for one in person.monthly
            if day in due_on[one] and (one.since_days_ago is None or one.since_days_ago >= ago)
        ]
        booked += [
            (day, one.amount_minor, one.counterparty, "card", None)
            for one in person.weekly
            if one.weekday == day.weekday()
        ]
    balance = person.balance_minor - sum(amount for _, amount, *_ in booked)
    for day, amount, counterparty, scheme, purpose in booked:
        balance += amount
        yield {
            tables.ACCOUNT_ID: person.account_id,
            tables.BOOKED_ON: day,
            tables.AMOUNT_MINOR: amount,
            tables.CURRENCY: currency,
            tables.COUNTERPARTY: counterparty,
            tables.SCHEME: scheme,
            tables.DESCRIPTION: purpose,
            tables.BALANCE_MINOR: balance,
        }


def _monthly(coming: date) -> frozenset[date]:
    """The same day in the months before."""
    return frozenset(shifted(coming, -back) for back in range(1, MOST_MONTHS + 2))


def _scheduled(person: WellKnown, currency: str, until: date) -> Iterator[Row]:
    coming = list(person.due) + [
        (one.in_days, one.amount_minor, one.counterparty)
        for one in person.monthly
        if one.scheme in KNOWN_AHEAD
    ]
    for in_days, amount, counterparty in sorted(coming):
        yield {
            tables.ACCOUNT_ID: person.account_id,
            tables.DUE_ON: until + timedelta(days=in_days),
            tables.AMOUNT_MINOR: amount,
            tables.CURRENCY: currency,
            tables.COUNTERPARTY: counterparty,
        }


def _cases(person: WellKnown, until: date) -> Iterator[Row]:
    if person.complaint_days_ago is None:
        return
    opened = datetime.combine(until - timedelta(days=person.complaint_days_ago), time(11))
    yield {
        tables.ACCOUNT_ID: person.account_id,
        tables.KIND: str(CaseKind.COMPLAINT),
        tables.STATUS: "open",
        tables.OPENED_AT: opened,
        tables.PROMISED_AT: opened + timedelta(days=PROMISED_DAYS),
        tables.CLOSED_AT: None,
    }
