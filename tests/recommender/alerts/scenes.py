"""Accounts with something to tell, and a lookout of the demo bank's kinds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import yaml
from hypothesis import strategies as st

from recommender.account import Account, Case, Consent, Holding, Payment
from recommender.alerts.life import shown
from recommender.alerts.lookout import Lookout
from recommender.catalogue import parse_catalogue
from recommender.decision import Alert
from recommender.money.ahead import Ahead, Expected, Sign, SignKind
from tests.recommender.bank import CATALOGUE_FILE, bank

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
"""A Monday, at 13:00 in Amsterdam."""
TODAY = AT.date()
HOUR = timedelta(hours=1)

LOOKOUT = Lookout.of(bank())


def lookout_of(kinds: dict[str, Any], **parts: Any) -> Lookout:
    """The demo bank with these kinds of alerts instead of its own."""
    values = yaml.safe_load(CATALOGUE_FILE.read_text(encoding="utf-8"))
    text = yaml.safe_dump({**values, "alerts": kinds, **parts}, sort_keys=False)
    return _lookout(text)


@lru_cache
def _lookout(text: str) -> Lookout:
    return Lookout.of(parse_catalogue(text))


def kind(fact: str, **fields: Any) -> dict[str, Any]:
    """A kind as it is written in YAML."""
    texts = {part: {"en": fact, "nl": fact} for part in ("title", "message")}
    return {"fact": fact, "severity": "notice", **texts, **fields}


def debit(amount_minor: int, days: int = 3, counterparty: str = "Energy") -> Payment:
    return Payment(TODAY + timedelta(days), -amount_minor, "EUR", counterparty)


def short(by_minor: int = 4_000, **changes: Any) -> Account:
    """Somebody whose balance will be short by so much in three days."""
    known: dict[str, Any] = {
        "consent": Consent(personalisation=True),
        "balance_minor": 2_000,
        "coming": (debit(by_minor + 2_000),),
        "declares": bank().declares,
    }
    return Account("ann", **(known | changes))


def case(
    kind: str = "order",
    promised: timedelta | None = None,
    status: str = "open",
    closed_at: datetime | None = None,
) -> Case:
    promised_at = None if promised is None else AT + promised
    return Case("c1", kind, status, AT - 9 * 24 * HOUR, promised_at, closed_at)


def alerts(account: Account, at: datetime = AT, lookout: Lookout = LOOKOUT) -> tuple[Alert, ...]:
    """What is shown."""
    return shown(*lookout.readable(account, at), at, lookout)


def kinds(account: Account, at: datetime = AT, lookout: Lookout = LOOKOUT) -> list[str]:
    return [alert.kind for alert in alerts(account, at, lookout)]


payments = st.lists(
    st.builds(
        debit,
        st.integers(-50_000, 90_000),
        st.integers(0, 20),
        st.sampled_from(["Energy", "Rent", "Gym"]),
    ),
    max_size=5,
).map(tuple)
cases = st.lists(
    st.builds(
        Case,
        case_id=st.sampled_from(["c1", "c2"]),
        kind=st.sampled_from(["complaint", "order", "application"]),
        status=st.sampled_from(["open", "answered", "waiting_for_customer"]),
        opened_at=st.integers(-5, 200).map(lambda hours: AT - hours * HOUR),
        promised_at=st.none() | st.integers(-90, 90).map(lambda hours: AT + hours * HOUR),
        closed_at=st.none() | st.integers(-90, 90).map(lambda hours: AT + hours * HOUR),
    ),
    max_size=2,
    unique_by=lambda one: one.case_id,
).map(tuple)
holdings = st.lists(
    st.builds(
        Holding,
        st.sampled_from(["mortgage", "credit_card", "current_account"]),
        st.just(TODAY - timedelta(400)),
        st.none(),
        st.none() | st.integers(-10, 120).map(lambda days: TODAY + timedelta(days)),
    ),
    max_size=3,
    unique_by=lambda one: one.product_id,
).map(tuple)
chances = st.lists(st.integers(0, 1000), min_size=35, max_size=35).map(sorted).map(tuple)
ahead = st.builds(
    Ahead,
    day=st.just(TODAY),
    first=st.integers(0, 5).map(lambda days: TODAY - timedelta(days)),
    chance_permille=chances,
    lacking_minor=st.just(tuple(range(100, 3_600, 100))),
    from_permille=st.sampled_from([300, 800]),
    expected=st.lists(
        st.builds(
            Expected,
            st.integers(0, 14).map(lambda days: TODAY + timedelta(days)),
            st.integers(-90_000, -1),
            st.sampled_from(["Rent", "Gym"]),
        ),
        max_size=3,
    ).map(tuple),
    signs=st.lists(
        st.builds(
            Sign,
            st.sampled_from(list(SignKind)),
            st.integers(-20, 0).map(lambda days: TODAY + timedelta(days)),
            st.integers(1, 90_000),
            st.integers(0, 90_000),
            st.sampled_from(["Energy", "Employer"]),
        ),
        max_size=3,
        unique_by=lambda sign: (sign.kind, sign.on, sign.counterparty),
    ).map(tuple),
)
situations = st.builds(
    Account,
    account_id=st.just("ann"),
    consent=st.builds(Consent, st.booleans(), st.booleans()),
    holdings=holdings,
    cases=cases,
    balance_minor=st.none() | st.integers(-10_000, 3_000_000),
    coming=payments,
    ahead=st.none() | ahead,
    declares=st.sampled_from([bank().declares, "another"]),
)
"""One account as it may stand at one moment or another."""
