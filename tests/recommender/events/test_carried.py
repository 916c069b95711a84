"""Tables made without what people told us do not undo it, and what the tables know newer counts."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Account, Application, Consent, Interest
from recommender.events import Event, carried, fold
from tests.recommender.bank import bank
from tests.recommender.events.told import NOW, event, scores, steps, wishes, words

BOTH = Consent(personalisation=True, marketing=True)
NEITHER = Consent()

telling = st.lists(
    st.tuples(wishes | words | steps | scores, st.booleans()),
    max_size=20,
    unique_by=lambda one: one[0].at,
)
"""Events, and whether the tables have each."""


def folded(events: list[Event], consent: Consent = BOTH) -> Account:
    account = Account("ann", consent=consent)
    for one in events:
        account = fold(account, one, bank())
    return account


def told(account: Account) -> Account:
    """Of it what people tell us themselves."""
    return Account(
        "ann",
        consent=account.consent,
        preferences=account.preferences,
        changed_at=account.changed_at,
        applications=account.applications,
        opinion=account.opinion,
    )


@given(telling)
def test_whatever_the_tables_lack_the_account_is_as_if_they_had_it_all(
    happened: list[tuple[Event, bool]],
) -> None:
    everything = folded([one for one, _ in happened])
    made = folded([one for one, in_tables in happened if in_tables])
    assert told(carried(made, everything, bank())) == told(everything)


@given(telling)
def test_what_only_the_tables_have_is_kept(happened: list[tuple[Event, bool]]) -> None:
    everything = folded([one for one, _ in happened])
    before = folded([one for one, known in happened if known])
    assert told(carried(everything, before, bank())) == told(everything)


@given(telling, st.sampled_from([BOTH, NEITHER]))
def test_carrying_over_again_and_again_changes_nothing(
    happened: list[tuple[Event, bool]], consent: Consent
) -> None:
    tables = Account("ann", consent=consent)
    once = carried(tables, folded([one for one, _ in happened]), bank())
    assert carried(tables, once, bank()) == once


def consent_told(subject: str, wish: str) -> Event:
    return event("preference_change", about="consent", subject=subject, wish=wish)


def test_a_stale_table_never_gives_a_consent_again() -> None:
    before = folded([consent_told("marketing", "no")])
    assert not carried(Account("ann", consent=BOTH), before, bank()).consent.marketing


def test_a_first_consent_holds_while_the_table_has_not_heard_of_it() -> None:
    before = folded([consent_told("marketing", "yes")], NEITHER)
    assert carried(Account("ann"), before, bank()).consent == Consent(marketing=True)


def test_a_consent_that_nobody_told_by_an_event_is_the_tables() -> None:
    assert carried(Account("ann"), folded([]), bank()).consent == NEITHER


def test_nothing_stays_inferred_of_who_withdrew_personalisation() -> None:
    interests = {"housing": Interest(3.0, NOW)}
    made = Account("ann", consent=BOTH, domain_interest=interests, product_interest=interests)
    kept = carried(made, folded([consent_told("personalisation", "no")]), bank())
    assert (kept.domain_interest, kept.product_interest) == ({}, {})
    assert carried(made, folded([]), bank()).domain_interest == interests


@pytest.mark.parametrize("wish", ["yes", "no"])
def test_what_tables_inferred_without_the_last_word_is_forgotten(wish: str) -> None:
    interests = {"housing": Interest(3.0, NOW)}
    made = Account("ann", consent=BOTH, domain_interest=interests)
    before = folded([consent_told("personalisation", "no"), consent_told("personalisation", wish)])
    assert carried(made, before, bank()).domain_interest == {}


def test_an_application_for_what_the_catalogue_no_longer_has_is_not_carried_over() -> None:
    applications = {"pager_plan": Application(started_at=NOW - timedelta(days=1))}
    before = msgspec.structs.replace(folded([]), applications=applications)
    assert carried(folded([]), before, bank()).applications == {}
