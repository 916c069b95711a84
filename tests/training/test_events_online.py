"""One meaning, two paths: folded online, one by one, or computed by training from the event log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.account import Account, Application
from recommender.events import Event, fold
from recommender.events.contacts import MOST
from recommender.events.kinds import PreferenceChange
from recommender.journeys import Journeys
from recommender.rules.conditions import Happening
from recommender.rules.facts import Facts
from recommender.situation import facts_at
from tests.recommender.accounts import DAYS
from tests.recommender.bank import bank
from tests.recommender.events.told import (
    NOW,
    complaints,
    domain_looks,
    event,
    guidances,
    looks,
    scores,
    showings,
    steps,
    taken,
    wishes,
    words,
)
from tests.recommender.looking_back import looking_back
from tests.training.events_to_tables import tables_with
from training.accounts import build_accounts
from training.accounts.build import NEGLIGIBLE

AFTER = NOW + timedelta(milliseconds=1)
"""Training's moment: everything that happened is before it."""

CATALOGUE = looking_back()
JOURNEYS = Journeys.of(CATALOGUE)
CASE_KINDS = ("complaint", "application", "order")
histories = st.lists(
    looks
    | domain_looks
    | showings
    | guidances
    | wishes
    | words
    | steps
    | scores
    | taken
    | complaints,
    max_size=40,
)


def folded(events: list[Event]) -> Account:
    """From what the tables say without any of these events."""
    (account,) = build_accounts(tables_with([], CATALOGUE), CATALOGUE, AFTER)
    for one in events:
        account = fold(account, one, CATALOGUE)
    return account


def levels(facts: Facts) -> dict[str, float]:
    known = {
        **{f"domain {key}": level for key, level in facts.domain_interest.items()},
        **{f"product {key}": level for key, level in facts.product_interest.items()},
    }
    return {key: level for key, level in known.items() if level >= 2 * NEGLIGIBLE}


def contacts(account: Account) -> list[tuple[object, ...]]:
    """Those that count at the moment, without a word about their order at one instant."""
    oldest = AFTER - timedelta(days=CATALOGUE.contact.counted_days)
    return sorted(
        (one.at, one.kind.value, one.action_id, one.product_id or "", one.channel, one.marketing)
        for one in account.contacts
        if one.at >= oldest
    )


def lately(applications: Mapping[str, Application]) -> dict[str, Application]:
    """Their steps of the days for which an application counts; training reads no others."""
    since = AFTER - timedelta(days=CATALOGUE.journey.applying_days)

    def still(at: datetime | None) -> datetime | None:
        return at if at is not None and at >= since else None

    steps = {
        name: Application(
            started_at=still(one.started_at),
            channel=one.channel if still(one.started_at) else None,
            submitted_at=still(one.submitted_at),
            taken_at=still(one.taken_at),
        )
        for name, one in applications.items()
    }
    return {name: one for name, one in steps.items() if one != Application()}


def facts(account: Account) -> Facts:
    return facts_at(account, AFTER, DAYS, CATALOGUE.interest.half_life_days, JOURNEYS)


def looked_at(facts: Facts) -> dict[str, object]:
    """All that a rule may look at, but for interests."""
    subjects = [(Happening.JOINED, ""), (Happening.CONTACT, "")]
    subjects += [
        (one, product)
        for one in (Happening.OPENED, Happening.CLOSED)
        for product in CATALOGUE.products
    ]
    subjects += [
        (one, kind) for one in (Happening.CASE_OPENED, Happening.CASE_CLOSED) for kind in CASE_KINDS
    ]
    names = (
        "values",
        "holds",
        "held_before",
        "open_cases",
        "broken_promises",
        "unfinished",
        "opinion",
        "projected_shortfall",
        "lowest_balance_minor",
    )
    return {
        **{name: getattr(facts, name) for name in names},
        "journey": {domain: facts.stage(domain) for domain in CATALOGUE.domains},
        "days_since": {(one, name): facts.days_since(one, name) for one, name in subjects},
    }


def about_personalisation(one: Event) -> bool:
    return isinstance(one, PreferenceChange) and one.subject == "personalisation"


@settings(max_examples=150)
@given(histories, st.data())
def test_what_events_tell_is_what_training_computes_from_them(
    happened: list[Event], data: st.DataObject
) -> None:
    """In any order of arrival; the stream has removed the repetitions, and so do the tables.

    Where words about personalisation are late, interest (which moves journeys) is never more.
    """
    random: Random = data.draw(st.randoms())
    arrived = random.sample(happened, len(happened))
    (trained,) = build_accounts(tables_with(happened, CATALOGUE), CATALOGUE, AFTER)
    online = folded(arrived)
    assert len(online.contacts) < MOST
    in_time = folded(sorted(happened, key=lambda one: (one.at, about_personalisation(one))))
    assert levels(facts(in_time)) == pytest.approx(levels(facts(trained)), abs=1e-6)
    assert looked_at(facts(in_time)) == looked_at(facts(trained))
    late, known = looked_at(facts(online)), looked_at(facts(trained))
    if any(map(about_personalisation, happened)):
        most = levels(facts(trained))
        less = levels(facts(online))
        assert all(level <= most.get(key, 2 * NEGLIGIBLE) + 1e-6 for key, level in less.items())
        late.pop("journey"), known.pop("journey")
    else:
        assert levels(facts(online)) == pytest.approx(levels(facts(trained)), abs=1e-6)
    assert late == known
    assert contacts(online) == contacts(trained)
    assert online.cases == trained.cases
    assert sorted(online.holdings, key=repr) == sorted(trained.holdings, key=repr)
    assert (online.preferences, online.consent) == (trained.preferences, trained.consent)
    assert lately(online.applications) == trained.applications
    assert online.opinion == trained.opinion
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


def test_what_is_taken_shortly_after_the_banks_midnight_is_of_that_day_on_both_paths() -> None:
    late = NOW.replace(hour=23, minute=30) - timedelta(days=1)  # half past midnight in Amsterdam
    happened = [event("taken", late, product_id="savings_account")]
    (trained,) = build_accounts(tables_with(happened, CATALOGUE), CATALOGUE, AFTER)
    online = folded(happened)
    assert [held.opened_on for held in online.holdings] == [NOW.date()]
    assert trained.holdings == online.holdings
