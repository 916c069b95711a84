"""How a well-known person is written down. Days count from the day of the demo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Session:
    """Pages of one visit. A page is a product or a domain; `search:` before it was searched for."""

    days_ago: int
    pages: tuple[str, ...]
    channel: str = "web"


@dataclass(frozen=True)
class Monthly:
    """What comes next in so many days, as in every month before; cents, negative goes out."""

    in_days: int
    amount_minor: int
    counterparty: str
    scheme: str
    purpose: str
    since_days_ago: int | None = None


@dataclass(frozen=True)
class Weekly:
    """A card payment on a day of each week, 0 being Monday."""

    weekday: int
    amount_minor: int
    counterparty: str


@dataclass(frozen=True)
class Change:
    """An attribute that had another value until so many days ago."""

    days_ago: int
    attribute: str
    before: str


@dataclass(frozen=True)
class WellKnown:
    """One of the people in the README. `holds`: since so many days.

    `due`: (in days, cents, to whom), besides the standing orders and direct debits of `monthly`.
    """

    account_id: str
    age: int
    joined_days_ago: int
    occupation: str
    household: str
    housing: str
    income_band: str
    region: str
    gender: str
    holds: Mapping[str, int]
    balance_minor: int
    children: int = 0
    has_car: bool = False
    language: str = "en"
    channel: str = "web"
    consents: bool = True
    changes: tuple[Change, ...] = ()
    sessions: tuple[Session, ...] = ()
    monthly: tuple[Monthly, ...] = ()
    weekly: tuple[Weekly, ...] = ()
    due: tuple[tuple[int, int, str], ...] = ()
    complaint_days_ago: int | None = None
