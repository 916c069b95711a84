"""What each event changes, and that the order in which they arrive does not matter."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import (
    Account,
    Case,
    Consent,
    Holding,
    Interest,
    Opinion,
    Payment,
    pack,
    unpack,
)
from recommender.events import Event, fold
from recommender.events.balance import MOST as BALANCE_MOST
from recommender.events.contacts import MOST
from recommender.events.kinds import PreferenceChange, Transaction
from recommender.interests import level_at
from recommender.situation import facts_at
from tests.recommender.accounts import DAYS
from tests.recommender.bank import bank
from tests.recommender.events.told import NOW, event, events

ANN = Account("ann", consent=Consent(personalisation=True, marketing=True))


def folded(account: Account, *happened: Event) -> Account:
    for one in happened:
        account = fold(account, one, bank())
    return account


def settled(account: Account) -> Account:
    """All of an account but its interests, in an order that does not tell of arrival."""
    holdings = tuple(sorted(account.holdings, key=lambda one: one.product_id))
    return msgspec.structs.replace(
        account, domain_interest={}, product_interest={}, holdings=holdings
    )


def levels(account: Account) -> dict[str, float]:
    half_life = bank().interest.half_life_days
    interests = {**account.domain_interest, **account.product_interest}
    return {key: level_at(one, NOW, half_life) for key, one in interests.items()}


def about_personalisation(one: Event) -> bool:
    return isinstance(one, PreferenceChange) and one.subject == "personalisation"


@given(st.lists(events, max_size=25), st.integers(0, 3), st.randoms())
def test_the_order_of_arrival_makes_no_difference(
    happened: list[Event], repeated: int, random: Random
) -> None:
    happened = [*happened, *happened[:repeated]]
    shuffled = random.sample(happened, len(happened))
    one, other = folded(ANN, *happened), folded(ANN, *shuffled)
    assert settled(one) == settled(other)
    if not any(map(about_personalisation, happened)):
        assert levels(one) == pytest.approx(levels(other), abs=1e-9)


@given(st.lists(events, max_size=10))
def test_what_was_folded_survives_the_wire(happened: list[Event]) -> None:
    account = folded(ANN, *happened)
    assert unpack(pack(account)) == account


def test_a_view_of_a_product_warms_it_and_its_domain() -> None:
    account = folded(ANN, event("page_view", product_id="mortgage"))
    assert account.product_interest["mortgage"].level == 1.0
    assert account.domain_interest["housing"].level == 1.0


def test_without_consent_no_interest_is_folded_but_contacts_are() -> None:
    bob = Account("bob")
    assert fold(bob, event("page_view"), bank()) is bob
    assert folded(bob, event("impression")).contacts


def word(wish: str, hours_ago: int) -> Event:
    about = {"about": "consent", "subject": "personalisation", "wish": wish}
    return event("preference_change", NOW - timedelta(hours=hours_ago), **about)


def view(hours_ago: int) -> Event:
    return event("page_view", NOW - timedelta(hours=hours_ago))


def test_nothing_inferred_outlives_a_withdrawal() -> None:
    account = folded(ANN, view(3), word("no", 2))
    assert (account.domain_interest, account.product_interest) == ({}, {})
    assert folded(account, word("yes", 1)).product_interest == {}
    assert folded(account, word("yes", 1), view(0)).product_interest["mortgage"].level == 1.0


@given(st.permutations([word("no", 4), view(3), word("yes", 2), view(1)]))
def test_what_was_looked_at_without_consent_is_never_counted(happened: list[Event]) -> None:
    interest = folded(ANN, *happened).product_interest.get("mortgage")
    assert interest is None or interest == Interest(1.0, NOW - timedelta(hours=1))


def test_a_consent_said_again_forgets_nothing() -> None:
    account = folded(ANN, word("yes", 4), view(3), word("yes", 2))
    assert account.product_interest["mortgage"].level == 1.0


def test_a_product_that_the_catalogue_lost_is_not_folded() -> None:
    gone = [event(kind, product_id="gone") for kind in ("page_view", "taken")]
    assert folded(ANN, *gone) == ANN


def test_contacts_stay_while_they_count_and_never_without_end() -> None:
    old = event("impression", NOW - timedelta(days=31))
    many = [event("impression", NOW - timedelta(seconds=i)) for i in range(MOST + 50)]
    account = folded(ANN, old, *many)
    assert len(account.contacts) == MOST
    assert account.contacts[-1].at == NOW
    assert account.contacts[0].at == NOW - timedelta(seconds=MOST - 1)


def test_advice_that_was_shown_is_no_contact() -> None:
    action = next(iter(bank().actions))
    assert folded(ANN, event("impression", product_id=None, action_id=action)) == ANN


def test_what_was_taken_is_held_from_its_earliest_day_and_once() -> None:
    account = folded(ANN, event("taken"), event("taken", NOW - timedelta(days=2)))
    assert account.holdings == (Holding("mortgage", (NOW - timedelta(days=2)).date()),)
    old = msgspec.structs.replace(ANN, holdings=(Holding("mortgage", date(2020, 1, 1)),))
    assert folded(old, event("taken")).holdings == old.holdings


@pytest.mark.parametrize(("days_ago", "opened"), [(40, []), (20, [20]), (10, [10])])
def test_what_is_over_is_not_taken_again_by_an_event_from_before_its_end(
    days_ago: int, opened: list[int]
) -> None:
    def day(days: int) -> date:
        return (NOW - timedelta(days=days)).date()

    ended = Holding("mortgage", day(50), day(20))
    bob = msgspec.structs.replace(ANN, holdings=(ended,))
    again = folded(bob, event("taken", NOW - timedelta(days=days_ago)))
    assert again.holdings == (ended, *(Holding("mortgage", day(days)) for days in opened))


def test_a_case_is_what_its_events_say_together() -> None:
    opened, closed = NOW - timedelta(days=2), NOW - timedelta(days=1)
    promised = NOW + timedelta(days=5)
    account = folded(
        ANN,
        event("complaint_closed", closed),
        event("complaint_opened", opened, promised_at=promised.isoformat()),
    )
    (case,) = account.cases
    assert case == Case("c1", "complaint", "closed", opened, promised, closed)


def test_the_last_change_of_an_attribute_counts_not_the_last_to_arrive() -> None:
    account = folded(
        ANN,
        event("context_change", NOW, after="employed"),
        event("context_change", NOW - timedelta(hours=1), after="unemployed"),
    )
    assert account.attributes == {"occupation": "employed"}
    forgotten = event("context_change", NOW + timedelta(hours=1), after=None)
    assert folded(account, forgotten).attributes == {}


def test_an_attribute_for_audits_stays_out_of_serving() -> None:
    change = event("context_change", attribute="gender", before=None, after="f")
    assert fold(ANN, change, bank()) is ANN


def test_a_booking_states_the_balance_and_settles_what_was_coming() -> None:
    energy = Payment(NOW.date(), -9_000, "EUR", "Energy")
    rent = Payment(NOW.date(), -90_000, "EUR", "Landlord")
    account = folded(
        msgspec.structs.replace(ANN, coming=(energy, rent), balance_minor=10_000),
        event("transaction"),
        event("transaction", NOW - timedelta(hours=1), balance_minor=10_000, counterparty="Shop"),
    )
    assert account.balance_minor == 1_000
    assert account.coming == (rent,)


@pytest.mark.parametrize(
    ("counterparty", "amount"),
    [
        ("Zonwind Energy", -6_250),
        ("ZONWIND ENERGY B.V. 000451", -6_250),
        ("Zonwind Energy", -6_310),
    ],
)
def test_a_payment_that_was_booked_is_not_counted_once_more(counterparty: str, amount: int) -> None:
    due = Payment(NOW.date(), -6_250, "EUR", "Zonwind Energy")
    account = folded(
        msgspec.structs.replace(ANN, coming=(due,), balance_minor=10_000),
        event(
            "transaction",
            counterparty=counterparty,
            amount_minor=amount,
            balance_minor=10_000 + amount,
        ),
    )
    assert (account.coming, account.balance_minor) == ((), 10_000 + amount)
    assert not facts_at(account, NOW, DAYS, 30).projected_shortfall


unstated = st.builds(
    lambda hours, amount: event(
        "transaction", NOW - timedelta(hours=hours), amount_minor=amount, balance_minor=None
    ),
    st.integers(0, 5),
    st.integers(-(10**6), 10**6),
)


@given(st.lists(unstated, max_size=BALANCE_MOST), st.integers(0, 5), st.randoms())
def test_what_states_no_balance_moves_the_one_that_is_known(
    happened: list[Transaction], hours: int, random: Random
) -> None:
    """So that with a payment that has come its shortfall does not vanish."""
    stated = event("transaction", NOW - timedelta(hours=hours), balance_minor=5_000)
    later = sum(one.amount_minor for one in happened if one.at > stated.at)
    arrived = random.sample([*happened, stated], len(happened) + 1)
    assert folded(ANN, *arrived).balance_minor == 5_000 + later
    known = msgspec.structs.replace(ANN, balance_minor=700)
    assert folded(known, *happened).balance_minor == 700 + sum(o.amount_minor for o in happened)
    assert folded(ANN, *happened).balance_minor is None


def test_an_unstated_balance_grows_no_account_without_end() -> None:
    debit = event("transaction", amount_minor=-1, balance_minor=None)
    account = folded(msgspec.structs.replace(ANN, balance_minor=0), *[debit] * (BALANCE_MOST + 9))
    assert len(account.unstated) == BALANCE_MOST
    assert account.balance_minor == -BALANCE_MOST - 9


@pytest.mark.parametrize(
    ("kind", "value", "score"),
    [("rating", 1, 0), ("rating", 3, 50), ("rating", 5, 100), ("nps", 0, 0), ("nps", 10, 100)],
)
def test_the_last_opinion_counts_on_one_scale(kind: str, value: int, score: int) -> None:
    before = event("nps", NOW - timedelta(days=1), value=7)
    account = folded(ANN, event(kind, value=value), before)
    assert account.opinion == Opinion(score, NOW)
