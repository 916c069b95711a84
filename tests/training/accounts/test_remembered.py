"""What has ended is remembered as far back as rules look: no rule passes for having forgotten."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Account, Case, Contact, ContactKind, Holding
from recommender.events import fold
from recommender.journeys import Journeys
from recommender.rules.compile import Predicate, compile_condition
from recommender.situation import facts_at
from tests.recommender.accounts import DAYS
from tests.recommender.bank import bank
from tests.recommender.events.told import event
from tests.recommender.looking_back import looking_back
from tests.training.snapshots.frames import Row, tables_of
from training.accounts import build_accounts

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOON.date()


@lru_cache
def policies() -> dict[str, Predicate]:
    return {policy.id: compile_condition(policy.when) for policy in looking_back().policies}


def said(account: Account) -> dict[str, bool | None]:
    catalogue = looking_back()
    half_life, journeys = catalogue.interest.half_life_days, Journeys.of(catalogue)
    facts = facts_at(account, NOON, DAYS, half_life, journeys)
    return {name: asked(facts) for name, asked in policies().items()}


ago = st.integers(1, 400)
spells = st.tuples(ago, ago).map(lambda pair: (max(pair), min(pair)))
held = st.lists(
    st.tuples(st.sampled_from(["car_loan", "mortgage", "credit_card"]), spells, st.booleans()),
    max_size=4,
)
opened = st.lists(
    st.tuples(st.sampled_from(["complaint", "order"]), spells, st.booleans()), max_size=4
)
shown = st.lists(st.tuples(st.sampled_from(["impression", "declined"]), ago), max_size=4)


def day(days: int) -> date:
    return TODAY - timedelta(days)


def instant(days: int) -> datetime:
    return NOON - timedelta(days)


@given(held, opened, shown)
def test_rules_answer_as_if_nothing_had_been_forgotten(
    held: list[tuple[str, tuple[int, int], bool]],
    opened: list[tuple[str, tuple[int, int], bool]],
    shown: list[tuple[str, int]],
) -> None:
    holdings = [
        Holding(product, day(first), None if still else day(last))
        for product, (first, last), still in held
    ]
    cases = [
        Case(f"c{number}", kind, "-", instant(first), None, None if still else instant(last))
        for number, (kind, (first, last), still) in enumerate(opened)
    ]
    kinds = {"impression": ContactKind.SHOWN, "declined": ContactKind.DECLINED}
    contacts = [
        Contact(kinds[kind], instant(days), "offer.mortgage", "mortgage") for kind, days in shown
    ]
    tables = tables_of(
        looking_back(),
        holdings=[row(one) for one in holdings],
        cases=[row(one) for one in cases],
        events=[
            {"kind": kind, "at": naive(instant(days)), "product_id": "mortgage"}
            for kind, days in shown
        ],
    )
    (account,) = build_accounts(tables, looking_back(), NOON)
    knows_all = msgspec.structs.replace(
        account, holdings=tuple(holdings), cases=tuple(cases), contacts=tuple(contacts)
    )
    assert said(account) == said(knows_all)


def row(record: Holding | Case) -> Row:
    """Its columns are called as its fields."""
    return {name: naive(value) for name, value in msgspec.structs.asdict(record).items()}


def naive(value: object) -> object:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


@given(shown)
def test_online_the_last_contact_is_remembered_in_whatever_order_it_is_told(
    shown: list[tuple[str, int]],
) -> None:
    account = Account("ann")
    for kind, days in shown:
        account = fold(account, event(kind, instant(days)), looking_back())
    days_ago = [days for kind, days in shown if kind == "impression"]
    assert said(account)["p6"] is not (min(days_ago, default=400) < 120)


def test_online_a_closed_complaint_is_remembered_as_long_as_rules_look() -> None:
    account = Account("ann")
    for kind, days, case_id in (
        ("complaint_opened", 70, "c1"),
        ("complaint_closed", 50, "c1"),
        ("complaint_opened", 2, "c2"),
    ):
        account = fold(account, event(kind, instant(days), case_id=case_id), looking_back())
    assert said(account)["p4"] is False


def test_nothing_is_remembered_that_no_rule_asks_for() -> None:
    tables = tables_of(
        bank(),
        holdings=[{"product_id": "car_loan", "opened_on": day(300), "closed_on": day(200)}],
        cases=[
            {
                "case_id": "c1",
                "kind": "complaint",
                "status": "closed",
                "opened_at": naive(instant(300)),
                "closed_at": naive(instant(200)),
            }
        ],
        events=[{"kind": "impression", "at": naive(instant(300)), "product_id": "mortgage"}],
    )
    (account,) = build_accounts(tables, bank(), NOON)
    assert (account.holdings, account.cases, account.contacts) == ((), (), ())
