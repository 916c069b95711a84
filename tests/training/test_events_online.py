"""One meaning, two paths: folded online, one by one, or computed by training from the event log."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.account import Account, Consent
from recommender.events import Event, fold
from recommender.events.contacts import MOST
from recommender.interests import level_at
from tests.recommender.bank import bank
from tests.recommender.events.told import (
    NOW,
    domain_looks,
    event,
    looks,
    scores,
    showings,
    steps,
    wishes,
)
from tests.training.events_to_tables import tables_with
from training.accounts import build_accounts
from training.accounts.build import NEGLIGIBLE

AFTER = NOW + timedelta(milliseconds=1)
"""Training's moment: everything that happened is before it."""

histories = st.lists(looks | domain_looks | showings | wishes | steps | scores, max_size=40)


def folded(events: list[Event]) -> Account:
    account = Account("ann", consent=Consent(personalisation=True, marketing=True))
    for one in events:
        account = fold(account, one, bank())
    return account


def levels(account: Account) -> dict[str, float]:
    half_life = bank().interest.half_life_days
    interests = {
        **{f"domain {key}": one for key, one in account.domain_interest.items()},
        **{f"product {key}": one for key, one in account.product_interest.items()},
    }
    known = {key: level_at(one, AFTER, half_life) for key, one in interests.items()}
    return {key: level for key, level in known.items() if level >= 2 * NEGLIGIBLE}


def contacts(account: Account) -> list[tuple[object, ...]]:
    """Those that count at the moment, without a word about their order at one instant."""
    oldest = AFTER - timedelta(days=bank().contact.counted_days)
    return sorted(
        (one.at, one.kind.value, one.action_id, one.product_id, one.channel, one.marketing)
        for one in account.contacts
        if one.at >= oldest
    )


@settings(max_examples=150)
@given(histories, st.data())
def test_interest_and_contacts_are_what_training_computes(
    happened: list[Event], data: st.DataObject
) -> None:
    """In any order of arrival; the stream has removed the repetitions, and so do the tables."""
    random: Random = data.draw(st.randoms())
    arrived = random.sample(happened, len(happened))
    (trained,) = build_accounts(tables_with(happened, bank()), bank(), AFTER)
    online = folded(arrived)
    assert len(online.contacts) < MOST
    assert levels(online) == pytest.approx(levels(trained), abs=1e-6)
    assert contacts(online) == contacts(trained)
    assert (online.preferences, online.consent) == (trained.preferences, trained.consent)
    assert (online.applications, online.opinion) == (trained.applications, trained.opinion)
    assert online.changed_at == trained.changed_at


@given(st.booleans(), st.lists(st.sampled_from(["yes", "no"]), min_size=1, max_size=4))
def test_an_events_last_word_on_a_consent_outweighs_the_table(
    in_table: bool, words: list[str]
) -> None:
    happened = [
        event(
            "preference_change",
            NOW - timedelta(hours=hours),
            about="consent",
            subject="personalisation",
            wish=wish,
        )
        for hours, wish in enumerate(reversed(words))
    ]
    tables = tables_with(happened, bank(), consent_personalisation=in_table)
    (account,) = build_accounts(tables, bank(), AFTER)
    assert account.consent.personalisation == (words[-1] == "yes")
