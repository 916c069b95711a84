"""The input tables' contract: each table and each column is named here, once, and nowhere else.

A *required* value is in every row; the others may be missing. A column whose values may be missing
may be absent altogether, except where its absence is far more likely a mistake (`expected`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from recommender.catalogue import Catalogue

ACCOUNT_ID: Final = "account_id"
BIRTH_DATE: Final = "birth_date"
JOINED_ON: Final = "joined_on"
LANGUAGE: Final = "language"
CHANNEL_PREFERENCE: Final = "channel_preference"
CONSENT_PERSONALISATION: Final = "consent_personalisation"
CONSENT_MARKETING: Final = "consent_marketing"

PRODUCT_ID: Final = "product_id"
OPENED_ON: Final = "opened_on"
CLOSED_ON: Final = "closed_on"
ENDS_ON: Final = "ends_on"

EVENT_ID: Final = "event_id"
AT: Final = "at"
KIND: Final = "kind"
DOMAIN: Final = "domain"
CHANNEL: Final = "channel"
DECISION_ID: Final = "decision_id"
VALUE: Final = "value"
ACTION_ID: Final = "action_id"

BOOKED_ON: Final = "booked_on"
DUE_ON: Final = "due_on"
AMOUNT_MINOR: Final = "amount_minor"
CURRENCY: Final = "currency"
COUNTERPARTY: Final = "counterparty"
SCHEME: Final = "scheme"
DESCRIPTION: Final = "description"
BALANCE_MINOR: Final = "balance_minor"

CASE_ID: Final = "case_id"
STATUS: Final = "status"
OPENED_AT: Final = "opened_at"
PROMISED_AT: Final = "promised_at"
CLOSED_AT: Final = "closed_at"


class Type(StrEnum):
    """What a column holds. Dates are days; instants are UTC; integers have 64 bits."""

    TEXT = "text"
    CATEGORY = "category"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"


class EventKind(StrEnum):
    """What an event can be. Rows of any other kind are rejected."""

    PAGE_VIEW = "page_view"
    SEARCH = "search"
    CLICK = "click"
    IMPRESSION = "impression"
    DISMISS = "dismiss"
    NOT_INTERESTED = "not_interested"
    START = "start"
    SUBMIT = "submit"
    TAKEN = "taken"
    DECLINED = "declined"
    COMPLAINT_OPENED = "complaint_opened"
    COMPLAINT_ANSWERED = "complaint_answered"
    COMPLAINT_CLOSED = "complaint_closed"
    RATING = "rating"
    NPS = "nps"
    CONTEXT_CHANGE = "context_change"
    PREFERENCE_CHANGE = "preference_change"
    TRANSACTION = "transaction"
    ALERT_DELIVERED = "alert_delivered"
    ALERT_SEEN = "alert_seen"
    ALERT_DISMISSED = "alert_dismissed"


class CaseKind(StrEnum):
    COMPLAINT = "complaint"
    APPLICATION = "application"
    ORDER = "order"


@dataclass(frozen=True)
class Column:
    """One column. `values`: the only ones allowed (None: any). `past`: never after *now*."""

    name: str
    type: Type
    required: bool = False
    expected: bool = False
    past: bool = False
    unique: bool = False
    values: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Table:
    """One table. `optional`: its file may be absent. `may_be_empty`: no rows is no mistake."""

    name: str
    columns: tuple[Column, ...]
    optional: bool = False
    may_be_empty: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def __getitem__(self, name: str) -> Column:
        """The column called `name`; KeyError when the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")


_ACCOUNT = Column(ACCOUNT_ID, Type.CATEGORY, required=True)

ACCOUNTS: Final = Table(
    "accounts",
    (
        Column(ACCOUNT_ID, Type.CATEGORY, required=True, unique=True),
        Column(BIRTH_DATE, Type.DATE, expected=True, past=True),
        Column(JOINED_ON, Type.DATE, expected=True, past=True),
        Column(LANGUAGE, Type.CATEGORY, expected=True),
        Column(CHANNEL_PREFERENCE, Type.CATEGORY, expected=True),
        # Nobody consented until they said so, but a bank that does not know must say so, too.
        Column(CONSENT_PERSONALISATION, Type.BOOLEAN, required=True),
        Column(CONSENT_MARKETING, Type.BOOLEAN, required=True),
    ),
    may_be_empty=False,
)
"""As it is now, and without the attributes that a catalogue declares; see `table_contracts`."""

HOLDINGS: Final = Table(
    "holdings",
    (
        _ACCOUNT,
        Column(PRODUCT_ID, Type.CATEGORY, required=True),
        Column(OPENED_ON, Type.DATE, required=True, past=True),
        Column(CLOSED_ON, Type.DATE, expected=True, past=True),
        Column(ENDS_ON, Type.DATE),
    ),
    may_be_empty=False,
)
"""`closed_on` is the first day without the product; its term (a policy, a card, a fixed rate) runs
until `ends_on`."""

EVENTS: Final = Table(
    "events",
    (
        Column(EVENT_ID, Type.TEXT, required=True, unique=True),
        _ACCOUNT,
        Column(AT, Type.INSTANT, required=True, past=True),
        Column(KIND, Type.CATEGORY, required=True, values=tuple(EventKind)),
        Column(PRODUCT_ID, Type.CATEGORY, expected=True),
        Column(DOMAIN, Type.CATEGORY, expected=True),
        Column(CHANNEL, Type.CATEGORY, required=True),
        Column(DECISION_ID, Type.TEXT),
        Column(VALUE, Type.CATEGORY),
        Column(ACTION_ID, Type.CATEGORY),
        Column(CASE_ID, Type.CATEGORY),
        Column(PROMISED_AT, Type.INSTANT),
    ),
)
"""`value` is the rating, the score or what `context_change` or `preference_change` writes. What is
no offer is known by its `action_id`; a complaint by its `case_id`, which `cases` may have, too."""

TRANSACTIONS: Final = Table(
    "transactions",
    (
        _ACCOUNT,
        Column(BOOKED_ON, Type.DATE, required=True, past=True),
        Column(AMOUNT_MINOR, Type.INTEGER, required=True),
        Column(CURRENCY, Type.CATEGORY, required=True),
        Column(COUNTERPARTY, Type.CATEGORY, required=True),
        Column(SCHEME, Type.CATEGORY, required=True),
        Column(DESCRIPTION, Type.CATEGORY),
        Column(BALANCE_MINOR, Type.INTEGER),
    ),
)
"""Positive amounts come in. `balance_minor` is the balance after the booking; within a day the
order of the rows is the order of the bookings."""

SCHEDULED_PAYMENTS: Final = Table(
    "scheduled_payments",
    (
        _ACCOUNT,
        Column(DUE_ON, Type.DATE, required=True),
        Column(AMOUNT_MINOR, Type.INTEGER, required=True),
        Column(CURRENCY, Type.CATEGORY, required=True),
        Column(COUNTERPARTY, Type.CATEGORY, required=True),
    ),
    optional=True,
)

CASES: Final = Table(
    "cases",
    (
        Column(CASE_ID, Type.TEXT, required=True, unique=True),
        _ACCOUNT,
        Column(KIND, Type.CATEGORY, required=True, values=tuple(CaseKind)),
        Column(STATUS, Type.CATEGORY, required=True),
        Column(OPENED_AT, Type.INSTANT, required=True, past=True),
        Column(PROMISED_AT, Type.INSTANT),
        Column(CLOSED_AT, Type.INSTANT, expected=True, past=True),
    ),
    optional=True,
)

TABLES: Final = (ACCOUNTS, HOLDINGS, EVENTS, TRANSACTIONS, SCHEDULED_PAYMENTS, CASES)


def table_contracts(catalogue: Catalogue) -> tuple[Table, ...]:
    """The tables as `catalogue` has them: its attributes, products and domains filled in."""
    accounts = replace(ACCOUNTS, columns=(*ACCOUNTS.columns, *_attributes(catalogue)))
    known = {PRODUCT_ID: tuple(catalogue.products), DOMAIN: tuple(catalogue.domains)}
    return (accounts, *(_with_values(table, known) for table in TABLES[1:]))


def _attributes(catalogue: Catalogue) -> tuple[Column, ...]:
    types = {"category": Type.CATEGORY, "integer": Type.INTEGER, "boolean": Type.BOOLEAN}
    return tuple(
        Column(
            name,
            types[attribute.type],
            expected=True,
            values=tuple(attribute.values) if attribute.values else None,
        )
        for name, attribute in catalogue.attributes.items()
    )


def _with_values(table: Table, known: dict[str, tuple[str, ...]]) -> Table:
    columns = (
        replace(column, values=known.get(column.name, column.values)) for column in table.columns
    )
    return replace(table, columns=tuple(columns))


CONTEXT_CHANGE: Final = re.compile(r"(?P<attribute>[^:]+):(?P<before>[^>]*)>(?P<after>.*)")
"""The `value` of a context change. An empty side means *unknown*; a boolean is `no` or `yes`."""


def context_change(attribute: str, before: str, after: str) -> str:
    """The `value` of a context change.

    >>> context_change("occupation", "student", "employed")
    'occupation:student>employed'
    """
    return f"{attribute}:{before}>{after}"


PREFERENCE_CHANGE: Final = re.compile(r"(?P<about>[^:]+):(?P<subject>[^:]*):(?P<wish>[^:]+)")
"""The `value` of a preference change. The subject is empty where there is none to name."""


def preference_change(about: str, subject: str, wish: str) -> str:
    """The `value` of a preference change.

    >>> preference_change("domain", "housing", "more")
    'domain:housing:more'
    """
    return f"{about}:{subject}:{wish}"
