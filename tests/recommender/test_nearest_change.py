"""The nearest change of a withheld product: with all of it the product passes every hard stage."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import (
    Account,
    Application,
    Consent,
    Contact,
    ContactKind,
    Frequency,
    Holding,
    Preferences,
    Wish,
)
from recommender.answer import WithheldAnswer, answer
from recommender.catalogue import parse_catalogue
from recommender.days import begins
from recommender.decide import decide
from recommender.decision import Stage
from recommender.explanation import explained
from recommender.funnel import ContactState, contact_state
from recommender.live import Live
from recommender.nearest_change import asked_of
from recommender.request import Request
from recommender.rules.demands import TRUE, demand
from recommender.rules.nearest import applied, nearest
from recommender.rules.samples import facts_of, sample_of, subjects_in
from tests.recommender.accounts import AT, TODAY, accounts
from tests.recommender.bank import CATALOGUE_FILE, bank, bank_live, live_of
from tests.recommender.test_decide import BOTH, STUDENT, requests

WELCOME = ContactState(marketing_consent=True)
TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")


def withheld(account: Account, asked: Request, live: Live) -> dict[str, WithheldAnswer]:
    decision = decide(account, asked, live)
    said = explained(answer(decision, live), decision, account, live).withheld
    assert isinstance(said, tuple)
    return {item.product_id: item for item in said}


def told(account: Account, product_id: str, **asked: str) -> tuple[str, str | None]:
    item = withheld(account, Request(AT, **asked), bank_live())[product_id]  # type: ignore[arg-type]
    return item.rule.partition(".")[2], item.nearest


@given(accounts)
def test_with_the_nearest_change_a_product_passes_all_rules_and_policies(account: Account) -> None:
    live = bank_live().on(TODAY)
    facts = live.facts(account, AT)
    for product_id in live.catalogue.products:
        asked = asked_of(product_id, live.catalogue)
        changes = nearest(asked, facts, live.catalogue.universe)
        if changes is None:
            continue
        subjects = set(subjects_in(demand(asked, TRUE, live.catalogue.universe)))
        subjects |= {change.subject for change in changes}
        then = facts_of(applied(changes, sample_of(facts, subjects)))
        _, stopped, _ = live.funnel.sift(then, WELCOME, live.funnel.on_sale("branch", TODAY))
        mine = [item for item in stopped if item.product_id == product_id]
        assert all(item.stage is Stage.AVAILABLE for item in mine), (changes, mine)


@given(accounts, requests)
def test_null_means_that_nothing_would_help_or_only_a_slot_is_missing(
    account: Account, asked: Request
) -> None:
    live = bank_live()
    seen = account if account.consent.personalisation else account.without_profile()
    facts = live.facts(seen, AT)
    for item in withheld(account, asked, live).values():
        asked_for = asked_of(item.product_id, live.catalogue)
        no_way = nearest(asked_for, facts, live.catalogue.universe) is None
        assert (item.nearest is None) is (no_way or item.stage is Stage.SLOTTED), item


@given(accounts, st.sampled_from(["web", "branch"]))
def test_the_day_from_which_the_contact_history_allows_it_is_true(
    account: Account, channel: str
) -> None:
    account = msgspec.structs.replace(account, consent=BOTH)
    for item in withheld(
        account, Request(AT, channel=channel, language="en"), bank_live()
    ).values():
        if item.stage is not Stage.CONTACTABLE:
            continue
        said = datetime.strptime(f"{item.nearest} +0000", "from %d %B %Y %z")
        day = begins(said.date(), bank_live().days.zone)

        def rests(at: datetime, product_id: str = item.product_id) -> bool:
            state = contact_state(account, bank().contact, at)
            return state.capped or product_id in state.cooling | state.sated

        assert rests(max(day - timedelta(seconds=1), AT))
        assert any(not rests(day + timedelta(hours=hour)) for hour in range(1, 25))


def test_all_that_stops_a_minor_without_an_income_is_said() -> None:
    minor = msgspec.structs.replace(STUDENT, birth_date=date(2010, 5, 1))
    rule, said = told(minor, "mortgage")
    assert rule == "adult"
    assert said is not None
    assert "from your 18th birthday (1 May 2028)" in said
    assert "with income: low, middle or high" in said


SAVER = msgspec.structs.replace(STUDENT, account_id="saver")


def shown(kind: ContactKind, days_ago: int) -> Contact:
    at = AT - timedelta(days=days_ago)
    return Contact(kind, at, "offer.savings_account", "savings_account")


def changed(**fields: object) -> Account:
    return msgspec.structs.replace(SAVER, **fields)


@pytest.mark.parametrize(
    ("account", "rule", "en", "nl"),
    [
        (
            changed(contacts=(shown(ContactKind.DECLINED, 20),)),
            "cooling_down",
            "from 3 December 2026",
            "vanaf 3 december 2026",
        ),
        (
            changed(contacts=tuple(shown(ContactKind.SHOWN, days) for days in (1, 2, 3))),
            "contact_cap",
            "from 27 November 2026",
            "vanaf 27 november 2026",
        ),
        (
            changed(preferences=Preferences(products={"savings_account": Wish.NONE})),
            "not_wanted",
            "when you ask for it again",
            "als u er zelf weer om vraagt",
        ),
        (
            changed(preferences=Preferences(contact=Frequency.NONE)),
            "objected",
            "when you let us send you offers again",
            "als u ons weer aanbiedingen laat doen",
        ),
        (
            changed(consent=Consent(personalisation=True)),
            "consent_marketing",
            "when you agree to receive offers",
            "als u toestemming geeft voor aanbiedingen",
        ),
        (
            changed(holdings=(Holding("savings_account", TODAY - timedelta(9)),)),
            "already_held",
            "without Savings account",
            "zonder Spaarrekening",
        ),
        (
            changed(applications={"savings_account": Application(AT - timedelta(days=1))}),
            "application_open",
            "when your application for Savings account is finished",
            "als uw aanvraag voor Spaarrekening af is",
        ),
    ],
)
def test_each_gate_of_the_funnels_own_says_what_opens_it(
    account: Account, rule: str, en: str, nl: str
) -> None:
    assert told(account, "savings_account") == (rule, en)
    assert told(account, "savings_account", language="nl") == (rule, nl)


def test_who_objected_and_consented_is_not_said_not_to_have_agreed() -> None:
    item = withheld(
        changed(preferences=Preferences(contact=Frequency.NONE)), Request(AT), bank_live()
    )
    assert item["savings_account"].text == "You asked us not to send you offers."
    both = changed(preferences=Preferences(contact=Frequency.NONE), consent=Consent(True))
    assert told(both, "savings_account") == (
        "objected",
        "when you agree to receive offers and when you let us send you offers again",
    )


def test_without_consent_to_be_known_it_says_what_consent_is_for() -> None:
    hidden = changed(consent=Consent(marketing=True))
    rule, said = told(hidden, "current_account")
    assert rule == "adult"
    assert said == "when you let us use what we know about you, to see whether this is for you"


def live_with(right: str, other: str) -> Live:
    assert right in TEXT
    return live_of(parse_catalogue(TEXT.replace(right, other, 1)))


SAVINGS = "url: /saving/savings-account\n"


@pytest.mark.parametrize(
    ("more", "rule", "said"),
    [
        ("channels: [app, branch]", "wrong_channel", "in the app or at a branch"),
        ("on_sale: {from: 2026-12-03}", "not_on_sale", "from 3 December 2026"),
        ("on_sale: {until: 2026-11-01}", "not_on_sale", None),
    ],
)
def test_what_is_not_to_be_had_says_where_or_when_it_is(
    more: str, rule: str, said: str | None
) -> None:
    live = live_with(SAVINGS, f"{SAVINGS}    {more}\n")
    item = withheld(SAVER, Request(AT), live)["savings_account"]
    assert (item.rule, item.nearest) == (f"savings_account.{rule}", said)


def test_what_was_shown_often_enough_says_from_when_on() -> None:
    live = live_with(
        "  marketing_per_week: 3", "  marketing_per_week: 9\n  per_product: {days: 30, most: 2}"
    )
    account = changed(contacts=tuple(shown(ContactKind.SHOWN, days) for days in (1, 10, 20)))
    item = withheld(account, Request(AT), live)["savings_account"]
    assert (item.rule, item.nearest) == ("savings_account.shown_enough", "from 13 December 2026")


def test_where_no_contact_is_ever_allowed_nothing_would_help() -> None:
    live = live_with("  marketing_per_week: 3", "  marketing_per_week: 0")
    item = withheld(SAVER, Request(AT), live)["savings_account"]
    assert (item.rule, item.nearest) == ("savings_account.contact_cap", None)
