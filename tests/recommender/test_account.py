"""State on the wire: what is packed comes back equal, and what is not ours is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
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
    pack,
    unpack,
)
from recommender.errors import StateError
from recommender.situation import held_on

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)

days = st.dates(date(1930, 1, 1), date(2030, 1, 1))
instants = st.integers(0, 10**9).map(lambda seconds: AT - timedelta(seconds=seconds))
names = st.text(min_size=1, max_size=12)
interests = st.dictionaries(
    names, st.builds(Interest, st.floats(0, 1e6, allow_nan=False), instants), max_size=4
)
accounts = st.builds(
    Account,
    account_id=names,
    birth_date=st.none() | days,
    joined_on=st.none() | days,
    language=st.none() | st.sampled_from(["en", "nl"]),
    consent=st.builds(Consent, st.booleans(), st.booleans()),
    attributes=st.dictionaries(names, names | st.integers(-(2**40), 2**40) | st.booleans()),
    holdings=st.lists(st.builds(Holding, names, days, st.none() | days)).map(tuple),
    domain_interest=interests,
    product_interest=interests,
    contacts=st.lists(
        st.builds(Contact, st.sampled_from(ContactKind), instants, names, st.none() | names)
    ).map(tuple),
    cases=st.lists(st.builds(Case, names, names, names, instants)).map(tuple),
    balance_minor=st.none() | st.integers(-(2**60), 2**60),
    coming=st.lists(
        st.builds(Payment, days, st.integers(-(2**40), 2**40), st.just("EUR"), names)
    ).map(tuple),
)


@given(accounts)
def test_what_is_packed_comes_back_equal(account: Account) -> None:
    assert unpack(pack(account)) == account


@given(accounts)
def test_equal_accounts_give_equal_bytes_whatever_the_order_they_were_told_in(
    account: Account,
) -> None:
    backwards = dict(reversed(account.attributes.items()))
    assert pack(msgspec.structs.replace(account, attributes=backwards)) == pack(account)


@given(accounts)
def test_without_consent_no_profile_is_left(account: Account) -> None:
    bare = account.without_profile()
    assert bare.attributes == {}
    assert bare.holdings == account.holdings
    assert bare.domain_interest == {}
    assert bare.product_interest == {}
    assert bare.birth_date is None
    assert bare.contacts == account.contacts
    assert bare.consent == account.consent


@given(st.binary(max_size=64))
def test_bytes_that_are_no_account_are_refused_with_one_clear_error(state: bytes) -> None:
    with pytest.raises(StateError, match="publish again"):
        unpack(state)


def test_state_of_another_schema_is_refused() -> None:
    future = msgspec.structs.replace(Account("a"), schema=99)
    with pytest.raises(StateError, match="schema 99"):
        unpack(pack(future))


@pytest.mark.parametrize(
    ("opened", "closed", "is_open"),
    [(0, None, True), (1, None, False), (-5, 0, False), (-5, 1, True)],
)
def test_a_holding_is_open_from_its_first_day_until_the_day_it_closed(
    opened: int, closed: int | None, *, is_open: bool
) -> None:
    today = AT.date()
    holding = Holding(
        "savings_account",
        today + timedelta(days=opened),
        None if closed is None else today + timedelta(days=closed),
    )
    account = Account("a", holdings=(holding,))
    assert held_on(account, today) == ({"savings_account"} if is_open else set())
