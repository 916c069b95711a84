"""Events as the tests tell them, and generated ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from recommender.events import Event, parse_event
from tests.recommender.bank import bank

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

SUBJECTS: dict[str, dict[str, Any]] = {
    "page_view": {"product_id": "mortgage"},
    "search": {"domain": "housing"},
    "click": {"product_id": "mortgage"},
    "impression": {"product_id": "mortgage"},
    "dismiss": {"product_id": "mortgage"},
    "not_interested": {"product_id": "mortgage"},
    "start": {"product_id": "mortgage"},
    "submit": {"product_id": "mortgage"},
    "taken": {"product_id": "mortgage"},
    "declined": {"product_id": "mortgage"},
    "complaint_opened": {"case_id": "c1"},
    "complaint_answered": {"case_id": "c1"},
    "complaint_closed": {"case_id": "c1"},
    "rating": {"value": 4},
    "nps": {"value": 9},
    "context_change": {"attribute": "occupation", "before": "student", "after": "employed"},
    "preference_change": {"about": "domain", "subject": "housing", "wish": "more"},
    "transaction": {
        "amount_minor": -9_000,
        "currency": "EUR",
        "counterparty": "Energy",
        "scheme": "direct_debit",
        "balance_minor": 1_000,
    },
    "alert_delivered": {"alert_id": "0" * 20},
    "alert_seen": {"alert_id": "0" * 20},
    "alert_dismissed": {"alert_id": "0" * 20},
}
"""The least that each kind says besides what all of them do."""


def told(kind: str, at: datetime = NOW, event_id: str = "e1", **fields: object) -> dict[str, Any]:
    """An event as a sender writes it."""
    common = {"event_id": event_id, "account_id": "ann", "at": at.isoformat(), "channel": "web"}
    return {**common, "kind": kind, **SUBJECTS[kind], **fields}


def event(kind: str, at: datetime = NOW, **fields: Any) -> Event:
    return parse_event(json.dumps(told(kind, at, **fields)))


instants = st.one_of(
    st.integers(0, 40 * 86_400 * 1000).map(lambda ms: NOW - timedelta(milliseconds=ms)),
    st.integers(0, 2).map(lambda hours: NOW - timedelta(hours=hours)),
)
"""Some of them few, so that events meet."""
products = st.sampled_from(tuple(bank().products))
domains = st.sampled_from(tuple(bank().domains))
looks = st.builds(
    lambda kind, at, product, domain: event(kind, at, product_id=product, domain=domain),
    st.sampled_from(["page_view", "search", "click", "start"]),
    instants,
    products,
    st.none() | domains,
)
domain_looks = st.builds(lambda at, domain: event("search", at, domain=domain), instants, domains)
showings = st.builds(
    lambda kind, at, product: event(kind, at, product_id=product),
    st.sampled_from(["impression", "dismiss", "not_interested", "declined"]),
    instants,
    products,
)
guidances = st.builds(
    lambda kind, at, action: event(kind, at, product_id=None, action_id=action),
    st.sampled_from(["impression", "dismiss", "not_interested", "declined"]),
    instants,
    st.sampled_from(["first_home", "complaint_status"]),
)
"""About guidance, which competes with offers, and about service, which does not."""
lately = st.integers(0, 20 * 86_400).map(lambda seconds: NOW - timedelta(seconds=seconds))
case_ids = st.sampled_from(["c1", "c2"])
complaints = st.builds(
    lambda kind, at, case_id: event(kind, at, case_id=case_id),
    st.sampled_from(["complaint_opened", "complaint_answered", "complaint_closed"]),
    lately,
    case_ids,
) | st.builds(
    lambda at, days, case_id: event(
        "complaint_opened", at, case_id=case_id, promised_at=(at + timedelta(days)).isoformat()
    ),
    lately,
    st.integers(1, 30),
    case_ids,
)
changes = st.builds(
    lambda at, after: event("context_change", at, after=after),
    instants,
    st.sampled_from([*bank().attributes["occupation"].values, None]),
)
about_something = st.builds(
    lambda about, wish: {"about": about[0], "subject": about[1], "wish": wish},
    st.sampled_from([("domain", "housing"), ("product", "mortgage"), ("type", "credit")]),
    st.sampled_from(["more", "normal", "less", "none"]),
)
about_contact = st.sampled_from(["normal", "less", "none"]).map(
    lambda wish: {"about": "contact", "subject": None, "wish": wish}
)
about_consent = st.sampled_from(["yes", "no"]).map(
    lambda wish: {"about": "consent", "subject": "marketing", "wish": wish}
)
words = st.builds(
    lambda at, wish: event(
        "preference_change", at, about="consent", subject="personalisation", wish=wish
    ),
    instants,
    st.sampled_from(["yes", "no"]),
)
"""About personalisation. What was looked at without it is not folded, so there order matters."""
wishes = st.builds(
    lambda at, said: event("preference_change", at, **said),
    instants,
    about_something | about_contact | about_consent,
)
bookings = st.builds(
    lambda at, balance: event("transaction", at, balance_minor=balance),
    instants,
    st.none() | st.integers(-(10**6), 10**6),
)
taken = st.builds(lambda at, product: event("taken", at, product_id=product), instants, products)
steps = st.builds(
    lambda kind, at, product, channel: event(kind, at, product_id=product, channel=channel),
    st.sampled_from(["start", "submit", "taken"]),
    instants,
    products,
    st.sampled_from(["web", "app", "branch"]),
)
scores = st.one_of(
    st.builds(lambda at, value: event("nps", at, value=value), instants, st.integers(0, 10)),
    st.builds(lambda at, value: event("rating", at, value=value), instants, st.integers(1, 5)),
)
events = (
    looks
    | domain_looks
    | showings
    | guidances
    | complaints
    | changes
    | bookings
    | taken
    | wishes
    | words
    | steps
    | scores
)
