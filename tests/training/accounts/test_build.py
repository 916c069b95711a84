"""What an account carries besides its features, and what it must not."""

from __future__ import annotations

from datetime import UTC, date, datetime

from recommender.account import Account, ContactKind, Holding, Payment
from recommender.catalogue import Catalogue
from tests.recommender.bank import bank
from tests.training.snapshots.frames import Row, tables_of
from training.accounts import build_accounts

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BANK: Catalogue = bank()


def one(at: datetime = NOON, **rows: list[Row]) -> Account:
    (account,) = build_accounts(tables_of(BANK, **rows), BANK, at)
    return account


def booking(day: str, balance: int | None, currency: str = "EUR") -> Row:
    return {
        "booked_on": day,
        "amount_minor": -100,
        "currency": currency,
        "counterparty": "Shop",
        "scheme": "card",
        "balance_minor": balance,
    }


def payment(day: str, currency: str = "EUR") -> Row:
    return {"due_on": day, "amount_minor": -4000, "currency": currency, "counterparty": "Energy"}


def event(kind: str, at: str, product: str | None = "mortgage") -> Row:
    return {"at": at, "kind": kind, "product_id": product}


def test_the_balance_is_that_of_the_last_booking_that_states_one() -> None:
    rows = [
        booking("2026-11-20", 900),
        booking("2026-11-22", 700),
        booking("2026-11-22", 500),
        booking("2026-11-22", None),
        booking("2026-11-22", 300, "USD"),
        booking("2026-11-01", 100),
    ]
    assert one(transactions=rows).balance_minor == 500


def test_the_day_of_the_last_booking_before_the_moment_is_known() -> None:
    rows = [booking("2026-11-20", None), booking("2026-11-19", 5), booking("2026-11-25", 5)]
    rows += [booking("2026-11-22", 5, "USD")]
    assert one(transactions=rows).booked_until == date(2026, 11, 20)
    assert one(transactions=rows[2:]).booked_until is None


def test_without_a_booking_no_balance_is_known() -> None:
    assert one(transactions=[booking("2026-11-24", 900)]).balance_minor is None


def test_payments_that_are_due_soon_come_along_in_order() -> None:
    rows = [
        payment("2026-11-26"),
        payment("2026-11-23"),
        payment("2026-11-22"),
        payment("2027-01-01"),
        payment("2026-11-24", "USD"),
    ]
    due = [Payment(date(2026, 11, day), -4000, "EUR", "Energy") for day in (23, 26)]
    assert one(scheduled_payments=rows).coming == tuple(due)


def test_contacts_within_the_longest_rest_come_along_others_do_not() -> None:
    rows = [
        event("impression", "2026-11-22T08:00:00"),
        event("not_interested", "2026-10-30T08:00:00"),
        event("declined", "2026-09-30T08:00:00"),
        event("impression", "2026-11-22T09:00:00", None),
        event("impression", "2026-11-23T12:00:00"),
    ]
    refused, shown = one(events=rows).contacts
    assert refused.kind is ContactKind.NOT_INTERESTED
    assert shown.kind is ContactKind.SHOWN
    assert shown.at == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert (shown.action_id, shown.product_id, shown.channel) == (
        "offer.mortgage",
        "mortgage",
        "web",
    )


def test_what_was_closed_later_is_open_and_what_came_later_is_not_there() -> None:
    cases: list[Row] = [
        {
            "case_id": "1",
            "kind": "complaint",
            "status": "closed",
            "opened_at": "2026-11-20T10:00:00",
            "closed_at": "2026-11-24T10:00:00",
        },
        {
            "case_id": "2",
            "kind": "complaint",
            "status": "closed",
            "opened_at": "2026-11-20T10:00:00",
            "closed_at": "2026-11-21T10:00:00",
        },
        {"case_id": "3", "kind": "order", "status": "open", "opened_at": "2026-11-23T13:00:00"},
    ]
    holdings: list[Row] = [
        {"product_id": "mortgage", "opened_on": "2020-01-01", "closed_on": "2026-11-24"},
        {"product_id": "credit_card", "opened_on": "2020-01-01", "closed_on": "2026-11-23"},
        {"product_id": "savings_account", "opened_on": "2026-11-24"},
    ]
    account = one(cases=cases, holdings=holdings)
    assert [case.case_id for case in account.cases if case.open_at(NOON)] == ["1"]
    assert account.cases[0].closed_at is None
    mortgage = Holding("mortgage", date(2020, 1, 1))
    assert [held for held in account.holdings if held.open_on(NOON.date())] == [mortgage]


def test_attributes_for_audit_stay_behind_and_unknown_ones_have_no_key() -> None:
    (account,) = build_accounts(
        tables_of(BANK, accounts=[{"gender": "f", "housing": None, "has_car": True}]), BANK, NOON
    )
    assert account.attributes == {
        "occupation": "employed",
        "household": "single",
        "income_band": "middle",
        "children": 0,
        "has_car": True,
    }


def test_accounts_come_in_the_order_of_the_table() -> None:
    names = ["zoe", "adam", "mia"]
    tables = tables_of(
        BANK,
        accounts=[{"account_id": name} for name in names],
        holdings=[
            {"account_id": name, "product_id": "mortgage", "opened_on": f"202{row}-01-01"}
            for row, name in enumerate(reversed(names))
        ],
    )
    built = [
        (one.account_id, one.holdings[0].opened_on.year)
        for one in build_accounts(tables, BANK, NOON)
    ]
    assert built == [("zoe", 2022), ("adam", 2021), ("mia", 2020)]


def test_nothing_is_inferred_about_someone_who_did_not_consent_to_personalisation() -> None:
    accounts: list[Row] = [{"consent_personalisation": given} for given in (True, False)]
    events = [event("page_view", "2026-11-22T08:00:00")]
    willing, unwilling = (
        next(build_accounts(tables_of(BANK, accounts=[row], events=events), BANK, NOON))
        for row in accounts
    )
    assert willing.product_interest
    assert willing.domain_interest
    assert not unwilling.product_interest
    assert not unwilling.domain_interest


def complaint(kind: str, at: str, case_id: str, promised_at: str | None = None) -> Row:
    return {"at": at, "kind": kind, "case_id": case_id, "promised_at": promised_at}


def listed(case_id: str, status: str, opened_at: str) -> Row:
    return {"case_id": case_id, "kind": "complaint", "status": status, "opened_at": opened_at}


def test_a_complaint_is_what_the_table_and_events_say_together() -> None:
    account = one(
        cases=[
            listed("1", "in progress", "2026-11-20T10:00:00"),
            listed("2", "in progress", "2026-11-20T11:00:00"),
        ],
        events=[
            complaint("complaint_closed", "2026-11-22T10:00:00", "1"),
            complaint("complaint_opened", "2026-11-21T10:00:00", "3", "2026-11-23T09:00:00"),
            complaint("complaint_answered", "2026-11-23T13:00:00", "3"),
        ],
    )
    assert [(case.case_id, case.status) for case in account.cases] == [
        ("1", "closed"),
        ("2", "in progress"),
        ("3", "open"),
    ]
    assert [case.case_id for case in account.cases if case.open_at(NOON)] == ["2", "3"]
    assert account.cases[-1].promised_at == datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_guidance_counts_as_contact_and_service_does_not() -> None:
    at = "2026-11-22T08:00:00"
    rows: list[Row] = [
        {**event("impression", at, None), "action_id": action}
        for action in ("first_home", "complaint_status", None)
    ]
    (contact,) = one(events=rows).contacts
    assert (contact.action_id, contact.product_id) == ("first_home", None)


def test_what_was_taken_lately_is_held_until_the_table_knows_better() -> None:
    taken = [
        event("taken", "2026-11-22T08:00:00", "mortgage"),
        event("taken", "2026-11-10T08:00:00", "credit_card"),
        event("taken", "2026-01-10T08:00:00", "car_loan"),
        event("taken", "2026-11-24T08:00:00", "savings_account"),
    ]
    ended = {"product_id": "credit_card", "opened_on": "2026-11-11", "closed_on": "2026-11-20"}
    account = one(events=taken, holdings=[ended])
    held = [holding for holding in account.holdings if holding.open_on(NOON.date())]
    assert held == [Holding("mortgage", date(2026, 11, 22))]
