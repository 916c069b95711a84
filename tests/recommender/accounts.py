"""Generated accounts of the demo bank, for properties."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from recommender.account import (
    Account,
    Case,
    Consent,
    Contact,
    ContactKind,
    Holding,
    Interest,
    Payment,
)
from recommender.days import Days
from tests.recommender.bank import bank

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = AT.date()
DAYS = Days(ZoneInfo("Europe/Amsterdam"))
PRODUCTS = tuple(bank().products)
DOMAINS = tuple(bank().domains)

past = st.integers(0, 60 * 86_400).map(lambda seconds: AT - timedelta(seconds=seconds))
around = st.integers(-86_400, 60 * 86_400).map(lambda seconds: AT - timedelta(seconds=seconds))
recent_days = st.integers(0, 900).map(lambda days: TODAY - timedelta(days))
interests = st.builds(Interest, st.floats(0, 20), past)
attributes = st.fixed_dictionaries(
    {},
    optional={
        name: st.sampled_from(attribute.values)
        if attribute.type == "category"
        else (st.integers(0, 5) if attribute.type == "integer" else st.booleans())
        for name, attribute in bank().attributes.items()
    },
)

accounts = st.builds(
    Account,
    account_id=st.just("somebody"),
    birth_date=st.none() | st.dates(date(1930, 1, 1), date(2012, 1, 1)),
    joined_on=st.none() | recent_days,
    language=st.none() | st.sampled_from(["en", "nl", "fr"]),
    consent=st.builds(Consent, st.booleans(), st.booleans()),
    attributes=attributes,
    holdings=st.lists(st.builds(Holding, st.sampled_from(PRODUCTS), recent_days), max_size=6).map(
        tuple
    ),
    domain_interest=st.dictionaries(st.sampled_from(DOMAINS), interests, max_size=4),
    product_interest=st.dictionaries(st.sampled_from(PRODUCTS), interests, max_size=4),
    contacts=st.lists(
        st.builds(
            Contact,
            kind=st.sampled_from(ContactKind),
            at=around,
            action_id=st.just("offer.savings_account"),
            product_id=st.sampled_from(PRODUCTS),
        ),
        max_size=5,
    ).map(tuple),
    cases=st.lists(
        st.builds(
            Case,
            case_id=st.just("c"),
            kind=st.sampled_from(["complaint", "order"]),
            status=st.just("open"),
            opened_at=around,
            closed_at=st.none() | around,
        ),
        max_size=2,
    ).map(tuple),
    balance_minor=st.none() | st.integers(-10_000, 100_000),
    coming=st.lists(
        st.builds(
            Payment,
            due_on=st.integers(0, 9).map(lambda days: TODAY + timedelta(days)),
            amount_minor=st.integers(-90_000, 50_000),
            currency=st.just("EUR"),
            counterparty=st.just("Energy"),
        ),
        max_size=4,
    ).map(tuple),
)
