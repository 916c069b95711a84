"""What an account says of its past: what was held, how long ago something happened."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Account, Case, Contact, ContactKind, Holding, Payment
from recommender.rules.conditions import Happening
from recommender.situation import facts_at, held_on
from tests.recommender.accounts import AT, DAYS, TODAY, accounts

DAY = timedelta(days=1)


def days(
    account: Account, happening: Happening, subject: str = "", at: datetime = AT
) -> int | None:
    return facts_at(account, at, DAYS, 7).days_since(happening, subject)


@given(accounts)
def test_nobody_held_before_what_they_hold(account: Account) -> None:
    facts = facts_at(account, AT, DAYS, 7)
    assert not facts.held_before & facts.holds
    ever = {holding.product_id for holding in account.holdings if holding.opened_on <= TODAY}
    assert facts.held_before == ever - held_on(account, TODAY)


@given(accounts, st.sampled_from(Happening), st.integers(0, 400))
def test_what_happened_is_a_day_further_away_each_day(
    account: Account, happening: Happening, more: int
) -> None:
    """Nothing else happens here between the two days: all that is ahead is left out."""
    subject = account.holdings[0].product_id if account.holdings else "complaint"
    past = Account(
        "a",
        joined_on=account.joined_on,
        holdings=account.holdings,
        cases=tuple(case for case in account.cases if (case.closed_at or AT) <= AT),
        contacts=tuple(contact for contact in account.contacts if contact.at <= AT),
    )
    now, later = (days(past, happening, subject, at) for at in (AT, AT + more * DAY))
    if now is not None:
        assert later == now + more


def test_the_last_time_counts_and_what_is_ahead_does_not() -> None:
    account = Account(
        "a",
        joined_on=TODAY - 400 * DAY,
        holdings=(
            Holding("savings_account", TODAY - 90 * DAY, TODAY - 50 * DAY),
            Holding("savings_account", TODAY - 30 * DAY, TODAY + 10 * DAY),
        ),
        cases=(
            Case("c1", "complaint", "closed", AT - 20 * DAY, closed_at=AT - 9 * DAY),
            Case("c2", "complaint", "open", AT - 5 * DAY),
            Case("c3", "order", "open", AT + 5 * DAY),
        ),
        contacts=(
            Contact(ContactKind.SHOWN, AT - 3 * DAY, "offer.x", "x"),
            Contact(ContactKind.SHOWN, AT - 2 * DAY, "preferences", marketing=False),
            Contact(ContactKind.DISMISSED, AT - DAY, "offer.x", "x"),
        ),
    )
    assert days(account, Happening.JOINED) == 400
    assert days(account, Happening.OPENED, "savings_account") == 30
    assert days(account, Happening.CLOSED, "savings_account") == 50
    assert days(account, Happening.CLOSED, "savings_account", AT + 11 * DAY) == 1
    assert days(account, Happening.OPENED, "mortgage") is None
    assert days(account, Happening.CASE_OPENED, "complaint") == 5
    assert days(account, Happening.CASE_CLOSED, "complaint") == 9
    assert days(account, Happening.CASE_OPENED, "order") is None
    assert days(account, Happening.CONTACT) == 3


def test_the_lowest_balance_ahead_is_at_most_what_there_is_now() -> None:
    pay = Payment(TODAY + DAY, 5_000, "EUR", "Employer")
    rent = Payment(TODAY + 2 * DAY, -9_000, "EUR", "Landlord")
    for coming, lowest in (((), 2_000), ((pay,), 2_000), ((pay, rent), -2_000)):
        account = Account("a", balance_minor=2_000, coming=coming)
        assert facts_at(account, AT, DAYS, 7).lowest_balance_minor == lowest
    assert facts_at(Account("a", coming=(rent,)), AT, DAYS, 7).lowest_balance_minor is None
